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
    if (rows_.try_emplace(row.sequence, row.kind, row.id).second)
      ++owed_[{row.kind, row.id}];
  }
}

std::optional<number_range>
report_memory::accept(const std::vector<std::uint64_t>& sequences, moment now) {
  std::optional<number_range> results;
  for (auto sequence : sequences) {
    auto row = rows_.extract(sequence);
    if (!row)
      continue;
    auto& report = row.mapped();
    auto owed = owed_.find(report);
    if (--owed->second == 0)
      owed_.erase(owed);
    auto number = split_reservation_id(report.second);
    if (number && report.first == report_kind::result
        && !owed_.contains({report_kind::deleted, report.second}))
      results = join(results, number->reservation);
    accepted_[report] = now;
    order_.emplace_back(now, std::move(report));
    if (order_.size() > accepted_max)
      forget_oldest();
  }
  return results;
}

bool report_memory::knows(const outbox_row& row,
                          std::optional<moment> asked_at) const {
  report one{row.kind, row.id};
  if (owed_.contains(one))
    return true;
  if (!asked_at)
    return false;
  auto accepted = accepted_.find(one);
  return accepted != accepted_.end() && *asked_at <= accepted->second;
}

void report_memory::forget_before(moment asked_at) {
  while (!order_.empty() && order_.front().first < asked_at)
    forget_oldest();
}

void report_memory::forget_oldest() {
  auto& [when, report] = order_.front();
  auto accepted = accepted_.find(report);
  // It may have been accepted once more since.
  if (accepted != accepted_.end() && accepted->second == when)
    accepted_.erase(accepted);
  order_.pop_front();
}

} // namespace provision
