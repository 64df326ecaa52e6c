#include "actors/indexed_store.hpp"

#include <algorithm>
#include <utility>

namespace provision {

indexed_store::indexed_store(std::unique_ptr<reservation_store> inner)
  : forwarding_store{std::move(inner)} {
}

error indexed_store::apply(transition_batch& batch, durability demanded) {
  if (auto failed = forwarding_store::apply(batch, demanded))
    return failed;
  for (const auto& put : batch.puts)
    note(put.what->id, put.what->state);
  for (const auto& grave : batch.gone)
    forget(grave.id);
  return {};
}

error indexed_store::for_each(
  const std::function<void(const record_summary&)>& visit) {
  ids_.clear();
  is_whole_ = false;
  auto failed = forwarding_store::for_each([&](const record_summary& row) {
    note(row.id, row.state);
    visit(row);
  });
  is_whole_ = !failed;
  return failed;
}

std::optional<std::vector<std::string>>
indexed_store::ids_in(record_state state, std::string_view prefix,
                      std::string_view after, std::size_t count_max) const {
  if (!is_whole_ || state == record_state::provisioned)
    return std::nullopt;
  std::vector<std::string> found;
  const auto all = ids_.find(state);
  if (all == ids_.end())
    return found;
  auto at = after < prefix ? all->second.lower_bound(prefix)
                           : all->second.upper_bound(after);
  for (; at != all->second.end() && found.size() < count_max; ++at) {
    if (!at->starts_with(prefix))
      break;
    found.push_back(*at);
  }
  return found;
}

void indexed_store::note(std::string_view id, record_state state) {
  forget(id);
  if (state != record_state::provisioned)
    ids_[state].emplace(id);
}

void indexed_store::forget(std::string_view id) {
  for (auto& [state, ids] : ids_)
    if (const auto at = ids.find(id); at != ids.end())
      ids.erase(at);
}

} // namespace provision
