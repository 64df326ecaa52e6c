#include "actors/statser.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <limits>

#include "actors/caf_error.hpp"

namespace provision {

namespace {

constexpr resource_units all_units[]
  = {resource_units::cru, resource_units::mru, resource_units::hru,
     resource_units::sru};

/// The wire's counters have 16 bits: stop there instead of wrapping.
std::uint16_t narrow(std::uint64_t count) {
  constexpr auto max = std::numeric_limits<std::uint16_t>::max();
  return count < max ? static_cast<std::uint16_t>(count) : max;
}

/// What a node without any of a unit does not have.
const char* name_of(resource_units unit) {
  switch (unit) {
  case resource_units::cru:
    return "processors";
  case resource_units::mru:
    return "memory";
  case resource_units::hru:
    return "rotating disk";
  case resource_units::sru:
    return "solid-state disk";
  }
  return "such capacity";
}

std::string deficit_text(resource_units unit, std::uint64_t asked,
                         std::uint64_t free, std::uint64_t capacity) {
  const char* measure = unit == resource_units::cru ? "" : " bytes";
  return std::string{to_string(unit)} + " short by "
         + std::to_string(asked - free) + measure + " (" + std::to_string(asked)
         + " asked, " + std::to_string(free) + " free"
         + (capacity == 0
              ? std::string{"; this node lends out no "} + name_of(unit)
              : std::string{})
         + ')';
}

} // namespace

error ledger::admit(const ledger_entry& entry) {
  std::string deficits;
  for (auto unit : all_units) {
    auto asked = entry.takes.of(unit);
    auto capacity = limits_.capacity.of(unit);
    auto used = used_.of(unit);
    // What runs may exceed the limits after they were lowered.
    auto free = capacity > used ? capacity - used : 0;
    if (asked <= free)
      continue;
    if (!deficits.empty())
      deficits += ", ";
    deficits += deficit_text(unit, asked, free, capacity);
  }
  if (!deficits.empty())
    return {errc::no_capacity, "not enough capacity: " + deficits};
  increment(entry);
  return {};
}

void ledger::increment(const ledger_entry& entry) {
  // admit() keeps sums below the capacity and resources_of() keeps each
  // amount in range; a store that grew beyond 64 bits saturates.
  auto sum = checked_add(used_, entry.takes);
  used_
    = sum ? *sum : resources{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
  ++counts_[entry.type.name];
  if (!entry.network.empty())
    ++networks_[entry.network];
}

void ledger::decrement(const ledger_entry& entry) {
  used_ = saturating_subtract(used_, entry.takes);
  if (auto i = counts_.find(entry.type.name); i != counts_.end())
    if (--i->second == 0)
      counts_.erase(i);
  if (auto i = networks_.find(entry.network); i != networks_.end())
    if (--i->second == 0)
      networks_.erase(i);
}

resource_amount ledger::current_units() const {
  auto sum = checked_add(used_, limits_.overhead);
  return to_resource_amount(sum ? *sum : used_);
}

workload_amount ledger::current_workloads() const {
  auto count = [this](const reservation_type& type) {
    auto i = counts_.find(type.name);
    return narrow(i == counts_.end() ? 0 : i->second);
  };
  using namespace reservation_types;
  // network_resource and the gateway types stay 0, as in the original.
  workload_amount result;
  result.network = narrow(networks_.size());
  result.volume = count(volume);
  result.zdb_namespace = count(zdb);
  result.container = count(container);
  result.k8s_vm = count(kubernetes);
  return result;
}

provision_counters ledger::counters() const {
  auto count = [this](const reservation_type& type) -> std::int64_t {
    auto i = counts_.find(type.name);
    return i == counts_.end() ? 0 : static_cast<std::int64_t>(i->second);
  };
  using namespace reservation_types;
  return {count(container),
          count(volume),
          static_cast<std::int64_t>(networks_.size()),
          count(zdb),
          count(kubernetes),
          count(debug)};
}

capacity_status ledger::capacity() const {
  return {limits_.capacity,
          used_,
          limits_.overhead,
          {counts_.begin(), counts_.end()}};
}

statser_actor::behavior_type
statser_behavior(statser_actor::stateful_pointer<statser_state> self,
                 std::shared_ptr<statser> numbers) {
  self->state.numbers = std::move(numbers);
  return {[=](admit_workload& request) -> caf::result<done> {
            if (auto refusal = self->state.numbers->admit(request.entry))
              return to_caf(refusal);
            return done{};
          },
          [=](increment& more) {
            for (auto& entry : more.entries)
              self->state.numbers->increment(entry);
          },
          [=](decrement& less) {
            for (auto& entry : less.entries)
              self->state.numbers->decrement(entry);
          },
          [=](read_numbers) {
            auto& numbers = *self->state.numbers;
            return current_numbers{numbers.current_units(),
                                   numbers.current_workloads()};
          },
          [=](read_counters) { return self->state.numbers->counters(); },
          [=](read_capacity) { return self->state.numbers->capacity(); }};
}

} // namespace provision
