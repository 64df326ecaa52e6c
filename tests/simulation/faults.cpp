#include "tests/simulation/faults.hpp"

#include <algorithm>
#include <array>

namespace provision::simulation {

namespace {

constexpr std::array<std::string_view, 13> names{
  "power", "kill",      "eio",     "full",      "rot",   "flip", "away",
  "flaky", "reconcile", "conduct", "documents", "clock", "date"};

} // namespace

std::string_view to_string(fault_kind kind) noexcept {
  return names[static_cast<std::size_t>(kind)];
}

std::vector<fault_kind> all_faults() {
  std::vector<fault_kind> all;
  for (std::size_t i = 0; i < names.size(); ++i)
    all.push_back(static_cast<fault_kind>(i));
  return all;
}

expected<std::vector<fault_kind>> parse_faults(std::string_view list) {
  if (list == "all")
    return all_faults();
  std::vector<fault_kind> chosen;
  if (list == "none")
    return chosen;
  while (!list.empty()) {
    auto name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      return fail(errc::invalid_configuration,
                  "unknown fault \"" + std::string{name}
                    + "\"; known: power, kill, eio, full, rot, flip, away, "
                      "flaky, reconcile, conduct, documents, clock, date");
    chosen.push_back(static_cast<fault_kind>(found - names.begin()));
  }
  return chosen;
}

plan plan_of(std::uint64_t seed, const std::vector<fault_kind>& allowed,
             std::uint64_t steps) {
  auto luck = chance{seed}.branch("plan");
  plan made;
  made.seed = seed;
  // Mostly short runs: they find the same, sooner.
  made.reservations = static_cast<unsigned>(
    luck.one_in(8) ? luck.between(60, 150) : luck.between(4, 40));
  made.steps = steps != 0 ? steps : made.reservations * luck.between(60, 120);
  for (auto kind : allowed) {
    // A run without one kind of fault shows what the others do alone.
    if (luck.one_in(3))
      continue;
    if (kind == fault_kind::conduct) {
      made.bad_conduct = true;
      continue;
    }
    if (kind == fault_kind::documents) {
      made.bad_documents = true;
      continue;
    }
    auto count = luck.between(1, 4);
    for (std::uint64_t i = 0; i < count; ++i)
      made.faults.push_back({kind, luck.below(made.steps), luck.next()});
  }
  std::stable_sort(
    made.faults.begin(), made.faults.end(),
    [](const fault& a, const fault& b) { return a.step < b.step; });
  return made;
}

} // namespace provision::simulation
