#include "bench/replay/compare.hpp"

#include <algorithm>
#include <ostream>

namespace provision::bench {

namespace {

std::string join(const std::vector<std::string>& all) {
  std::string text;
  for (auto& one : all)
    text += (text.empty() ? "" : ", then ") + one;
  return text.empty() ? "nothing" : text;
}

const std::vector<std::string>& of(const told_of& all, const std::string& id) {
  static const std::vector<std::string> nothing;
  auto found = all.find(id);
  return found == all.end() ? nothing : found->second;
}

/// Whether "deleted" was the node's own idea: neither a document nor a failure
/// asked for it.
bool is_own_removal(const recording& day, const std::string& id,
                    const std::vector<std::string>& recorded) {
  return !day.deletions.contains(id)
         && std::find(recorded.begin(), recorded.end(), "deleted")
              != recorded.end()
         && std::none_of(recorded.begin(), recorded.end(),
                         [](auto& said) { return said.starts_with("error "); });
}

void compare_order(const recording& day, const replayed_day& again,
                   comparison& found) {
  auto [was, is] = std::mismatch(day.order.begin(), day.order.end(),
                                 again.order.begin(), again.order.end());
  if (was == day.order.end() && is == again.order.end())
    return;
  auto place = std::to_string(was - day.order.begin() + 1);
  found.differences.push_back(
    {"",
     "provisioned " + (was == day.order.end() ? "nothing" : *was) + " in place "
       + place,
     "provisioned " + (is == again.order.end() ? "nothing" : *is)});
}

} // namespace

comparison compare(const recording& day, const replayed_day& again) {
  comparison found;
  for (auto& page : day.pages)
    found.documents += page.what.documents.size();
  std::set<std::string> ids;
  for (auto& [id, said] : day.reports)
    ids.insert(id);
  for (auto& [id, said] : again.reports)
    ids.insert(id);
  found.reservations = ids.size();
  for (auto& id : ids) {
    auto recorded = of(day.reports, id);
    auto& replayed = of(again.reports, id);
    if (recorded != replayed && is_own_removal(day, id, recorded)) {
      ++found.own_removals;
      std::erase(recorded, "deleted");
    }
    if (recorded != replayed)
      found.differences.push_back({id, join(recorded), join(replayed)});
  }
  compare_order(day, again, found);
  return found;
}

expected<comparison> compare(const std::string& path,
                             const std::string& folder) {
  auto day = read_recording(path);
  if (!day)
    return fail(day.error());
  auto again = replay_day(*day, folder);
  if (!again)
    return fail(again.error());
  return compare(*day, *again);
}

void print(std::ostream& out, const comparison& found) {
  for (auto& one : found.differences)
    out << (one.id.empty() ? "order" : one.id)
        << "\n  recorded: " << one.recorded << "\n  replayed: " << one.replayed
        << '\n';
  out << found.documents << " documents, " << found.reservations
      << " reservations with results: " << found.differences.size()
      << (found.differences.size() == 1 ? " difference" : " differences")
      << '\n';
  if (found.own_removals > 0)
    out << found.own_removals
        << " removals were the node's own and are not compared\n";
}

} // namespace provision::bench
