// What is held against the reports to the explorer.
#include <algorithm>
#include <utility>

#include "tests/simulation/checkers.hpp"

namespace provision::simulation {

namespace {

std::string report_key(report_kind kind, const std::string& id,
                       const std::string& body) {
  return (kind == report_kind::result ? "result " : "deleted ") + id + body;
}

} // namespace

bool checkers::is_owing() const {
  return std::any_of(live_.outbox.begin(), live_.outbox.end(), [this](auto& e) {
    auto& row = e.second;
    return !taken_.contains(report_key(row.kind, row.id, row.body));
  });
}

// -- the explorer -------------------------------------------------------------

void checkers::handed_over(handed_page page) {
  handed_.push_back(std::move(page));
}

void checkers::sending(report_kind kind, const std::string& id,
                       const std::string& body) {
  ++checks_;
  auto key = report_key(kind, id, body);
  const outbox_row* found = nullptr;
  const outbox_row* earlier = nullptr;
  for (auto& [sequence, row] : live_.outbox) {
    if (row.id != id)
      continue;
    auto own = report_key(row.kind, row.id, row.body);
    if (own == key) {
      found = &row;
      break;
    }
    if (!taken_.contains(own))
      earlier = &row;
  }
  if (found == nullptr) {
    // A row that is closed already, or closed twice: it was durable once.
    if (taken_.contains(key))
      return;
    auto signed_once = results_.find(id);
    if (kind == report_kind::result && signed_once != results_.end()
        && signed_once->second != body)
      return fail("P3", "reservation " + id + " is reported as " + body
                          + " and was signed as " + signed_once->second);
    return fail("P3", "a report on " + id + " is sent and not on disk");
  }
  if (!durable_.outbox.contains(found->sequence))
    fail("P3", "a report on " + id + " is sent and not synced");
  if (earlier != nullptr)
    fail("P3", "a report on " + id + " overtakes an earlier one");
}

void checkers::taken(report_kind kind, const std::string& id,
                     const std::string& body) {
  taken_.insert(report_key(kind, id, body));
}

} // namespace provision::simulation
