#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "messages/timestamp.hpp"

namespace provision::simulation {

/// What a simulated provisioner does when it is asked for a workload.
enum class conduct : std::uint8_t {
  works,
  slow,
  fails,
  throws,
  hangs,
  dies,
  /// Kills the daemon, each time.
  kills,
};

/// What only the simulation knows of a reservation.
struct fact {
  std::string id = {};
  std::string type = {};
  int version = 0;
  conduct on_provision = conduct::works;
  /// How often taking it down fails before it works, and how.
  conduct on_decommission = conduct::works;
  unsigned removal_failures = 0;
  bool unreadable = false;
  bool forged = false;
  bool for_other_node = false;
  /// Its time ends; end_of_time if never.
  timestamp expires = end_of_time;
  /// Its owner ordered the deletion (set when the explorer knows of it).
  bool deletion_ordered = false;
  /// Killed daemons that had it at a provisioner.
  unsigned deaths = 0;
  /// Its record was damaged on purpose: nothing is promised of it any more.
  bool damaged = false;
};

using facts = std::map<std::string, fact>;

} // namespace provision::simulation
