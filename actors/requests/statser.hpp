#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "messages/capacity.hpp"
#include "messages/reservation.hpp"

/// What is counted, and whether there is room.
namespace provision {

/// What a reservation counts for.
struct ledger_entry {
  reservation_type type = {};
  resources takes = {};
  std::string network = {};
};

/// Count it if there is room; errc::no_capacity names the deficit.
struct admit_workload {
  ledger_entry entry = {};
};

/// Count it, room or not: it runs already.
struct increment {
  std::vector<ledger_entry> entries = {};
};

struct decrement {
  std::vector<ledger_entry> entries = {};
};

struct current_numbers {
  resource_amount units = {};
  workload_amount workloads = {};
};

struct read_numbers {};
struct read_counters {};
struct read_capacity {};

/// Exact amounts: the largest number stands for "no limit".
struct capacity_status {
  /// What may be lent out.
  resources capacity = {};
  resources used = {};
  /// What the system itself takes, on top.
  resources overhead = {};
  /// Live reservations per type.
  std::map<std::string, std::uint64_t> workloads = {};
};

} // namespace provision
