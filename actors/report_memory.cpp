#include "actors/report_memory.hpp"

#include <algorithm>

#include "messages/reservation.hpp"

namespace provision {

namespace {

number_range join(const std::optional<number_range>& range,
                  std::uint64_t number) {
  auto all = range.value_or(number_range{number, number});
  return {std::min(all.low, number), std::max(all.high, number)};
}

} // namespace

void report_memory::owe(const std::vector<outbox_row>& rows) {
  for (auto& row : rows) {
    auto [known, is_new] = rows_.try_emplace(row.sequence);
    if (!is_new)
      continue;
    known->second = {&*told_.try_emplace(row.id).first, row.kind};
    ++known->second->owed;
  }
}

std::optional<number_range>
report_memory::accept(const std::vector<std::uint64_t>& sequences, moment now) {
  std::optional<number_range> results;
  for (auto sequence : sequences) {
    auto row = rows_.find(sequence);
    if (row == rows_.end())
      continue;
    auto report = row->second;
    rows_.erase(row);
    auto& [id, told] = *report.about;
    --report->owed;
    auto number = split_reservation_id(id);
    if (number && report.kind == report_kind::result && told.deleted.owed == 0)
      results = join(results, number->reservation);
    ++report->accepted;
    report->last = now;
    order_.emplace_back(now, report);
    if (order_.size() > accepted_max)
      forget_oldest();
  }
  return results;
}

bool report_memory::knows(const outbox_row& row,
                          std::optional<moment> asked_at) const {
  auto about = told_.find(row.id);
  if (about == told_.end())
    return false;
  auto& [result, deleted] = about->second;
  auto& one = row.kind == report_kind::result ? result : deleted;
  return one.owed > 0
         || (asked_at && one.accepted > 0 && *asked_at <= one.last);
}

void report_memory::forget_before(moment asked_at) {
  while (!order_.empty() && order_.front().first < asked_at)
    forget_oldest();
}

void report_memory::forget_oldest() {
  auto report = order_.front().second;
  order_.pop_front();
  // It may have been accepted once more since.
  --report->accepted;
  auto& [id, told] = *report.about;
  if (told.result.is_empty() && told.deleted.is_empty())
    told_.erase(told_.find(id));
}

} // namespace provision
