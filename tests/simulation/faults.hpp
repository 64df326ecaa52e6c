#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"
#include "tests/simulation/chance.hpp"

namespace provision::simulation {

/// What can go wrong in a run.
enum class fault_kind : std::uint8_t {
  /// The power goes at one of the next changes of the disk.
  power,
  /// kill -9 at this step.
  kill,
  /// Changes of the disk fail with EIO for a while.
  eio,
  /// The disk is full for a while.
  full,
  /// While the node is down a bit of one record flips.
  rot,
  /// While the node is down a bit of one table flips.
  flip,
  /// The explorer is away for a while, perhaps for hours.
  away,
  /// The explorer disturbs its pages and fails now and then, for a while.
  flaky,
  /// The node is told to read the explorer's history again.
  reconcile,
  /// Provisioners fail, throw, hang, die and kill the daemon (all run long).
  conduct,
  /// Documents that cannot be read, are forged or made for others.
  documents,
  /// The node's wall clock jumps, by hours or by years, and comes back later.
  clock,
  /// The date of the explorer's answers is wrong for a while.
  date,
};

std::string_view to_string(fault_kind kind) noexcept;

/// "power,kill,away" or "all" or "none".
expected<std::vector<fault_kind>> parse_faults(std::string_view list);

std::vector<fault_kind> all_faults();

/// One fault of a run, at a step. Its details are drawn from its own seed, so
/// that leaving others out does not change it.
struct fault {
  fault_kind kind = fault_kind::kill;
  std::uint64_t step = 0;
  std::uint64_t seed = 0;
};

/// A run: everything in it follows from these numbers.
struct plan {
  std::uint64_t seed = 0;
  /// Reservations that customers make.
  unsigned reservations = 0;
  /// Steps with trouble; then the world calms down and all must end well.
  std::uint64_t steps = 0;
  bool bad_conduct = false;
  bool bad_documents = false;
  std::vector<fault> faults = {};
};

/// The run that a seed stands for.
plan plan_of(std::uint64_t seed, const std::vector<fault_kind>& allowed,
             std::uint64_t steps);

} // namespace provision::simulation
