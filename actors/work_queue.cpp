#include "actors/work_queue.hpp"

#include <algorithm>
#include <utility>

namespace provision {

void work_queue::push_back(intent work) {
  ready_.emplace_hint(ready_.end(), next_turn_++, std::move(work));
}

work_queue::place work_queue::pop_front() {
  auto first = ready_.extract(ready_.begin());
  return {first.key(), std::move(first.mapped())};
}

void work_queue::wait(place which, wait_cause cause, std::string reason,
                      timestamp since) {
  auto id = which.work.row->id;
  waiting_.insert_or_assign(
    std::move(id), waiter{std::move(which), cause, std::move(reason), since});
}

bool work_queue::wake(const std::string& id) {
  auto i = waiting_.find(id);
  if (i == waiting_.end())
    return false;
  auto& which = i->second.which;
  ready_.emplace(which.turn, std::move(which.work));
  waiting_.erase(i);
  return true;
}

template <class Predicate>
void work_queue::wake_if(Predicate matches) {
  std::erase_if(waiting_, [&](auto& entry) {
    auto& one = entry.second;
    if (!matches(one))
      return false;
    ready_.emplace(one.which.turn, std::move(one.which.work));
    return true;
  });
}

void work_queue::wake_type(const reservation_type& type) {
  wake_if([&type](const waiter& one) {
    return one.cause == wait_cause::type && one.which.work.row->type == type;
  });
}

void work_queue::wake_all(wait_cause cause) {
  wake_if([cause](const waiter& one) { return one.cause == cause; });
}

work_queue::place work_queue::take_waiting(const std::string& id) {
  auto found = waiting_.extract(id);
  return std::move(found.mapped().which);
}

std::size_t work_queue::waiting(const reservation_type& type) const {
  return static_cast<std::size_t>(
    std::ranges::count_if(waiting_, [&type](const auto& entry) {
      return entry.second.which.work.row->type == type;
    }));
}

std::size_t work_queue::waiting(wait_cause cause) const {
  return static_cast<std::size_t>(
    std::ranges::count_if(waiting_, [cause](const auto& entry) {
      return entry.second.cause == cause;
    }));
}

std::vector<std::string> work_queue::ids(wait_cause cause) const {
  std::vector<std::string> result;
  for (auto& [id, one] : waiting_)
    if (one.cause == cause)
      result.push_back(id);
  return result;
}

std::vector<waiting_reservation>
work_queue::list_waiting(std::size_t count_max) const {
  std::vector<const waiter*> all;
  all.reserve(waiting_.size());
  for (auto& [id, one] : waiting_)
    all.push_back(&one);
  std::ranges::sort(all, {}, [](const waiter* one) { return one->which.turn; });
  if (all.size() > count_max)
    all.resize(count_max);
  std::vector<waiting_reservation> result;
  for (auto* one : all)
    result.push_back(describe(*one));
  return result;
}

waiting_reservation work_queue::describe(const waiter& one) {
  auto& row = *one.which.work.row;
  return {row.id,    row.type,   row.state == record_state::removing,
          one.cause, one.reason, one.since};
}

std::optional<waiting_reservation>
work_queue::find_waiting(const std::string& id) const {
  auto i = waiting_.find(id);
  if (i == waiting_.end())
    return std::nullopt;
  return describe(i->second);
}

std::optional<std::size_t> work_queue::ahead_of(const std::string& id) const {
  std::size_t ahead = 0;
  for (auto& [turn, work] : ready_) {
    if (work.row->id == id)
      return ahead;
    ++ahead;
  }
  return std::nullopt;
}

} // namespace provision
