#include "control/plan.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "actors/statser.hpp"

namespace provision {

namespace {

resources free_of(const ledger& room) {
  auto now = room.capacity();
  auto left = saturating_subtract(now.capacity, now.used);
  constexpr auto no_limit = UINT64_MAX;
  for (auto [amount, capacity] : {std::pair{&left.cru, now.capacity.cru},
                                  std::pair{&left.mru, now.capacity.mru},
                                  std::pair{&left.hru, now.capacity.hru},
                                  std::pair{&left.sru, now.capacity.sru}})
    if (capacity == no_limit)
      *amount = no_limit;
  return left;
}

/// Follows the engine's own steps, see engine_loop.cpp.
class planner {
public:
  explicit planner(const plan_facts& facts)
    : facts_{facts}, room_{{.capacity = facts.capacity.capacity}} {
    room_.increment({.takes = facts.capacity.used});
  }

  planned_step step(std::size_t place);
  resources room_left() const { return free_of(room_); }

private:
  void settle(planned_step& made, std::size_t place);
  void admit(planned_step& made, const reservation& what);
  error reason_to_wait(const reservation_type& type) const;

  const plan_facts& facts_;
  ledger room_;
  /// Ids of this plan that come before.
  std::set<std::string> seen_ = {};
};

void end(planned_step& made, plan_outcome outcome, error reason = {}) {
  made.outcome = outcome;
  made.reason = std::move(reason);
}

error planner::reason_to_wait(const reservation_type& type) const {
  auto waits = [](std::string text) {
    return error{errc::type_degraded, std::move(text)};
  };
  if (facts_.engine.cordoned)
    return waits("the node is cordoned");
  for (auto& one : facts_.engine.types) {
    if (one.type != type)
      continue;
    if (one.cordoned)
      return waits(type.name + " is cordoned");
    if (one.health != type_health::serving)
      return waits(type.name + " does not serve: " + one.reason.message);
  }
  return {};
}

void planner::admit(planned_step& made, const reservation& what) {
  if (auto broken = what.validate(facts_.now))
    return end(made, plan_outcome::refused, std::move(broken));
  if (std::ranges::find(facts_.offered, what.type.name) == facts_.offered.end())
    return end(
      made, plan_outcome::refused,
      {errc::type_not_offered, "this node does not offer " + what.type.name});
  auto takes = resources_of(what);
  if (!takes)
    return end(made, plan_outcome::refused, takes.error());
  made.takes = *takes;
  // One that waits takes nothing yet; others pass it.
  if (auto reason = reason_to_wait(what.type))
    return end(made, plan_outcome::waits, std::move(reason));
  if (auto full = room_.admit({what.type, *takes, network_of(what)}))
    return end(made, plan_outcome::refused, std::move(full));
  end(made, plan_outcome::accepted);
}

void planner::settle(planned_step& made, std::size_t place) {
  auto& entry = facts_.entries[place];
  auto& known = facts_.known.at(place);
  if (entry.refusal)
    return end(made, plan_outcome::refused, entry.refusal);
  auto& what = *entry.what;
  if (!seen_.insert(what.id).second)
    return end(made, plan_outcome::known,
               {errc::already_exists, "it comes twice"});
  bool runs = known && known->state == record_state::provisioned;
  if (what.to_delete && runs) {
    room_.decrement({known->type, known->takes, known->network});
    return end(made, plan_outcome::removed);
  }
  if (known)
    return end(
      made, plan_outcome::known,
      {errc::already_exists, "it is " + std::string{to_string(known->state)}});
  if (what.to_delete)
    return end(made, plan_outcome::known,
               {errc::no_such_reservation, "there is nothing to take down"});
  if (facts_.gone.at(place))
    return end(made, plan_outcome::known,
               {errc::already_exists, "it ran here and is gone"});
  admit(made, what);
}

planned_step planner::step(std::size_t place) {
  auto& entry = facts_.entries[place];
  planned_step made;
  made.id = entry.what ? entry.what->id : entry.id;
  made.type = entry.what ? entry.what->type.name : entry.type.name;
  settle(made, place);
  return made;
}

} // namespace

std::string_view to_string(plan_outcome outcome) noexcept {
  switch (outcome) {
  case plan_outcome::accepted:
    return "accepted";
  case plan_outcome::waits:
    return "waits";
  case plan_outcome::removed:
    return "removed";
  case plan_outcome::known:
    return "known";
  case plan_outcome::refused:
    return "refused";
  }
  return "unknown";
}

bool plan::refuses() const noexcept {
  return std::ranges::any_of(steps, [](const planned_step& one) {
    return one.outcome == plan_outcome::refused;
  });
}

plan make_plan(plan_facts facts) {
  std::vector<std::size_t> order(facts.entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // As the intake does: what cannot be read comes last.
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    auto& first = facts.entries[a].what;
    auto& second = facts.entries[b].what;
    return first && second ? before_in_page(*first, *second) : first && !second;
  });
  planner at{facts};
  plan made;
  made.free_before = at.room_left();
  for (auto place : order)
    made.steps.push_back(at.step(place));
  made.free_after = at.room_left();
  return made;
}

} // namespace provision
