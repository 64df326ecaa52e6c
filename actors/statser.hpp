#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "actors/interfaces.hpp"
#include "messages/capacity.hpp"
#include "messages/error.hpp"

namespace provision {

/// The original's Statser: how much of the node is reserved.
class statser {
public:
  virtual ~statser() = default;

  /// Counts `entry`, or returns errc::no_capacity naming each unit that is
  /// short and by how much; then nothing is counted.
  virtual error admit(const ledger_entry& entry) = 0;

  /// Counts `entry` whether there is room or not.
  virtual void increment(const ledger_entry& entry) = 0;

  /// Takes `entry` out of the count; never goes below zero.
  virtual void decrement(const ledger_entry& entry) = 0;

  virtual resource_amount current_units() const = 0;
  virtual workload_amount current_workloads() const = 0;
  virtual provision_counters counters() const = 0;

  /// Exact amounts, if they are known: by default nothing is.
  virtual capacity_status capacity() const { return {}; }
};

/// What may be lent out; the largest number stands for "no limit".
struct statser_limits {
  resources capacity = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
  /// Added to the units that are reported: what the system itself takes.
  resources overhead = {};
};

/// Exact counters in memory. One rule for networks, live and after a restart:
/// a network counts once, however many reservations stand for it.
class ledger final : public statser {
public:
  explicit ledger(statser_limits limits = {}) : limits_{limits} {}

  error admit(const ledger_entry& entry) override;
  void increment(const ledger_entry& entry) override;
  void decrement(const ledger_entry& entry) override;
  resource_amount current_units() const override;
  workload_amount current_workloads() const override;
  provision_counters counters() const override;
  capacity_status capacity() const override;

  const resources& used() const noexcept { return used_; }

private:
  statser_limits limits_;
  resources used_ = {};
  /// Live reservations per type.
  std::unordered_map<std::string, std::uint64_t> counts_ = {};
  /// Live reservations per network id.
  std::unordered_map<std::string, std::uint64_t> networks_ = {};
};

struct statser_state {
  static inline const char* name = "statser";

  std::shared_ptr<statser> numbers = {};
};

/// Counts what the engine tells.
statser_actor::behavior_type
statser_behavior(statser_actor::stateful_pointer<statser_state> self,
                 std::shared_ptr<statser> numbers);

} // namespace provision
