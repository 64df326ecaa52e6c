// What is held against the provisioners' calls, and what must hold as time
// passes.
#include <algorithm>
#include <string>

#include "tests/simulation/checkers.hpp"

namespace provision::simulation {

// -- the provisioners ---------------------------------------------------------

void checkers::called(std::string_view verb, const reservation& what) {
  ++checks_;
  auto& id = what.id;
  log_.note(std::string{verb} + " " + id);
  auto row = durable_.records.find(id);
  bool removing = verb == "decommission";
  if (row == durable_.records.end() || !is_pending(row->second.state)
      || (row->second.state == record_state::removing) != removing)
    fail("P2", std::string{verb} + " " + id
                 + " is called and its intent is not on disk");
  if (auto grave = gone_.find(id);
      grave != gone_.end() && grave->second >= what.version)
    fail("P7", std::string{verb} + " " + id + " is called after it was gone");
  if (call_ && log_.now < call_->since + call_limit)
    fail("P4", std::string{verb} + " " + id + " is called while " + call_->id
                 + " is at its provisioner");
  auto known = facts_.find(id);
  if (!removing && verifies_signatures
      && (known == facts_.end() || known->second.forged))
    fail("P8", "provision " + id + " is called and nobody signed it");
  if (row != durable_.records.end()) {
    check_turn(verb, row->second);
    check_brake(row->second);
  }
  call_ = call{id, log_.now, log_.now};
}

/// Only what waits, for its type or for another try, is passed by others.
void checkers::check_turn(std::string_view verb, const record& row) {
  auto& of_type = last_sequences_[row.type.name];
  bool again
    = !tried_.insert(std::string{verb} + row.id).second || row.retries > 0;
  // The brake lets others pass those that wait for the operator.
  bool held = row.state == record_state::removing
              && (confirming_ || let_through_.contains(row.id));
  held = held || (clock_troubled_ && row.expires < end_of_time);
  if (!again && !held
      && row.sequence <= (type_troubled_ ? of_type : last_sequence_))
    fail("P4", std::string{verb} + " " + row.id
                 + " is called after what came behind it");
  of_type = std::max(of_type, row.sequence);
  last_sequence_ = std::max(last_sequence_, row.sequence);
}

void checkers::answered(const std::string& id) {
  if (!call_ || call_->id != id)
    return;
  call_.reset();
  unsettled_.insert(id);
}

// -- the brake
// -----------------------------------------------------------------

/// The node does not carry out more deletions in a short time than it may.
void checkers::check_brake(const record& row) {
  if (row.state != record_state::removing || row.cause != removal_cause::ordered
      || !let_through_.insert(row.id).second || confirming_)
    return;
  // Also those that are not counted yet: the bound is never too low.
  deletions_.push_back({log_.now, live_.records.size()});
  std::size_t count = 0;
  std::size_t records = 0;
  for (auto& one : deletions_) {
    if (log_.now - one.at >= deletions_window)
      continue;
    ++count;
    records = std::max(records, one.records);
  }
  if (count > deletions_free && count * 100 > records * deletions_share)
    fail("P8", std::to_string(count) + " of " + std::to_string(records)
                 + " workloads are removed in a short time and nobody "
                   "confirmed it");
}

/// Those that wait go on; they are counted no more.
void checkers::excuse_deletions() {
  deletions_.clear();
  for (auto& [id, row] : live_.records)
    if (row.state == record_state::removing)
      let_through_.insert(id);
}

void checkers::confirms_deletions() {
  confirming_ = true;
  excuse_deletions();
}

void checkers::confirmed_deletions() {
  confirming_ = false;
  excuse_deletions();
}

// -- time ---------------------------------------------------------------------

void checkers::idle(const ledger& numbers, const resources& capacity) {
  ++checks_;
  auto& used = numbers.used();
  for (auto unit : {resource_units::cru, resource_units::mru,
                    resource_units::hru, resource_units::sru})
    if (used.of(unit) > capacity.of(unit))
      fail("P6", std::string{to_string(unit)} + " exceeds the capacity");
  // What was admitted counts already, its outcome is not on disk yet.
  if (call_ || !doubtful_.empty() || !unsettled_.empty())
    return;
  auto sum = live_.used();
  if (!(sum == used))
    fail("P6", "the counters say sru " + std::to_string(used.sru) + " hru "
                 + std::to_string(used.hru) + ", the records sru "
                 + std::to_string(sum.sru) + " hru " + std::to_string(sum.hru));
}

void checkers::waited(bool trouble) {
  constexpr std::chrono::seconds grace{10};
  if (!call_)
    return;
  if (trouble)
    call_->undisturbed_since = log_.now;
  else if (log_.now > call_->undisturbed_since + call_limit + grace)
    fail("P10", "reservation " + call_->id + " hangs and is not given up");
}

} // namespace provision::simulation
