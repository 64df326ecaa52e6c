#include "actors/report_memory.hpp"

namespace provision {

void report_memory::owe(const std::vector<outbox_row>& rows) {
  for (auto& row : rows) {
    ++owed_[{row.kind, row.id}];
    rows_[row.sequence] = {row.kind, row.id};
  }
}

void report_memory::accept(const std::vector<std::uint64_t>& sequences,
                           moment now) {
  for (auto sequence : sequences) {
    auto row = rows_.extract(sequence);
    if (!row)
      continue;
    auto& report = row.mapped();
    auto owed = owed_.find(report);
    if (--owed->second == 0)
      owed_.erase(owed);
    accepted_[report] = now;
    order_.emplace_back(now, std::move(report));
    if (order_.size() > accepted_max)
      forget_oldest();
  }
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
