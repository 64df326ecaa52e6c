#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "messages/latency.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

/// How long the workloads of one type took.
struct type_times {
  /// From durable intent to its provisioner.
  latency queued = {};
  /// At the provisioner, by how it ended.
  latency provisioned = {};
  latency provision_failed = {};
  latency decommissioned = {};
  latency decommission_failed = {};
  /// From durable intent to durable outcome.
  latency whole = {};
};

/// What read_engine_numbers yields.
struct engine_numbers {
  /// A page's way into the store.
  latency accept = {};
  /// A group of outcomes at the signer; one at the store.
  latency sign = {};
  latency settle = {};
  /// From a deadline to the end of the removal that it caused.
  latency expiry_lag = {};
  std::map<reservation_type, type_times> types = {};
  std::uint64_t pages = 0;
  std::uint64_t documents = 0;
  std::uint64_t outcomes = 0;
  /// Taken up again after the start, and how long that took; no time while it
  /// is not over.
  std::uint64_t taken_up = 0;
  std::chrono::nanoseconds recovery{0};
};

struct read_engine_numbers {};

/// The engine's stop-watch: told of each step, it counts how long the steps
/// take. Reservations that had to wait for their type, a pause or an operator
/// do not count as queued or whole: those times are somebody's choice.
class engine_times {
public:
  using instant = std::chrono::steady_clock::time_point;

  void started(instant now) { started_ = now; }
  void ready(instant now) { numbers_.recovery = now - started_; }
  void took_up() { ++numbers_.taken_up; }

  void accept_begins(instant now) { accept_since_ = now; }
  void accept_ends(instant now, std::size_t documents);
  /// `id` is durable and waits for its turn.
  void queued(const std::string& id, instant now) {
    begun_.insert_or_assign(id, now);
  }
  void waits(const std::string& id) { begun_.erase(id); }

  /// One call at a time.
  void call_begins(const std::string& id, const reservation_type& type,
                   instant now);
  void call_ends(const reservation_type& type, bool removing, bool is_good,
                 instant now);

  void sign_begins(instant now) { sign_since_ = now; }
  void sign_ends(instant now) { numbers_.sign.observe(now - sign_since_); }
  void settle_begins(instant now) { settle_since_ = now; }
  void settle_ends(instant now, std::size_t outcomes);
  void settled(const std::string& id, const reservation_type& type,
               instant now);
  void expired(std::chrono::nanoseconds lag) {
    numbers_.expiry_lag.observe(lag);
  }

  const engine_numbers& numbers() const noexcept { return numbers_; }

private:
  engine_numbers numbers_ = {};
  instant started_ = {};
  instant accept_since_ = {};
  instant call_since_ = {};
  instant sign_since_ = {};
  instant settle_since_ = {};
  /// Since when each is in the engine's hands.
  std::unordered_map<std::string, instant> begun_ = {};
};

} // namespace provision
