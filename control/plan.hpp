#pragma once

#include <string>
#include <vector>

#include "actors/requests.hpp"
#include "messages/capacity.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// What a plan is made from: reservations, and the node they would meet.
struct plan_facts {
  std::vector<intake_entry> entries = {};
  /// Records that the node has of them, by place; null: none.
  std::vector<record_ptr> known = {};
  /// By place: it ran here and is gone.
  std::vector<bool> gone = {};
  std::vector<std::string> offered = {};
  engine_status engine = {};
  capacity_status capacity = {};
  timestamp now = {};
};

enum class plan_outcome : std::uint8_t {
  /// It would be handed to its provisioner.
  accepted,
  /// It would be kept, and its turn comes when `reason` is over.
  waits,
  /// What it asks to be taken down would be.
  removed,
  /// Nothing would happen: the node has it.
  known,
  /// `reason` would be its result.
  refused,
};

/// "accepted", "waits", ...
std::string_view to_string(plan_outcome outcome) noexcept;

struct planned_step {
  std::string id = {};
  std::string type = {};
  plan_outcome outcome = plan_outcome::accepted;
  /// Why, if it is neither accepted nor removed.
  error reason = {};
  resources takes = {};
};

struct plan {
  /// In the order of work.
  std::vector<planned_step> steps = {};
  resources free_before = {};
  resources free_after = {};

  bool refuses() const noexcept;
};

/// What would become of these reservations if they came now, in one page, and
/// every provisioner did its work. Signatures are not looked at.
plan make_plan(plan_facts facts);

} // namespace provision
