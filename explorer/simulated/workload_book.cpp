#include "explorer/simulated/workload_book.hpp"

#include <algorithm>

#include "explorer/simulated/workload_pipeline.hpp"

namespace provision::simulated {

using documents::next_action;

namespace {

bool is_due(const documents::workload& w) {
  auto action = next_action_of(w);
  return action == next_action::deploy || action == next_action::remove;
}

} // namespace

const documents::workload* workload_book::find(std::int64_t id) const {
  auto found = workloads_.find(id);
  return found == workloads_.end() ? nullptr : &found->second;
}

void workload_book::put(documents::workload w) {
  auto [place, is_new] = workloads_.try_emplace(w.id);
  if (!is_new)
    forget(place->second);
  place->second = std::move(w);
  index(place->second);
}

void workload_book::index(const documents::workload& w) {
  if (is_due(w))
    due_[w.node_id].insert(w.id);
}

void workload_book::forget(const documents::workload& w) {
  if (auto found = due_.find(w.node_id); found != due_.end())
    found->second.erase(w.id);
}

std::vector<const documents::workload*>
workload_book::due(const std::string& node_id, std::int64_t from,
                   std::size_t limit) const {
  std::vector<const documents::workload*> page;
  auto found = due_.find(node_id);
  if (found == due_.end())
    return page;
  const auto& ids = found->second;
  for (auto id = ids.lower_bound(from); id != ids.end(); ++id) {
    if (page.size() == limit)
      break;
    page.push_back(&workloads_.at(*id));
  }
  return page;
}

std::vector<std::int64_t>
workload_book::deployed_in(std::int64_t pool_id) const {
  std::vector<std::int64_t> ids;
  for (const auto& [id, w] : workloads_)
    if (w.pool_id == pool_id && w.next_action == next_action::deploy)
      ids.push_back(id);
  return ids;
}

void workload_queue::put(documents::workload snapshot) {
  auto [known, is_new] = places_.try_emplace(snapshot.id);
  if (is_new)
    known->second = {snapshot.node_id, ++arrived_};
  const auto& [node_id, number] = known->second;
  nodes_[node_id][number] = std::move(snapshot);
}

void workload_queue::remove(std::int64_t id) {
  auto known = places_.find(id);
  if (known == places_.end())
    return;
  auto node = nodes_.find(known->second.node_id);
  node->second.erase(known->second.number);
  if (node->second.empty())
    nodes_.erase(node);
  places_.erase(known);
}

std::vector<const documents::workload*>
workload_queue::first(const std::string& node_id, std::size_t limit) const {
  std::vector<const documents::workload*> page;
  if (auto node = nodes_.find(node_id); node != nodes_.end())
    for (const auto& [number, snapshot] : node->second) {
      if (page.size() == limit)
        break;
      page.push_back(&snapshot);
    }
  return page;
}

std::vector<const documents::workload*> workload_queue::all() const {
  std::map<std::uint64_t, const documents::workload*> ordered;
  for (const auto& [node_id, entries] : nodes_)
    for (const auto& [number, snapshot] : entries)
      ordered[number] = &snapshot;
  std::vector<const documents::workload*> list;
  for (const auto& [number, snapshot] : ordered)
    list.push_back(snapshot);
  return list;
}

} // namespace provision::simulated
