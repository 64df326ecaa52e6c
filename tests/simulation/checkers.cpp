#include "tests/simulation/checkers.hpp"

#include <algorithm>
#include <utility>

#include "persistence/journal_check.hpp"
#include "persistence/row_codec.hpp"

namespace provision::simulation {

namespace {

reservation for_order(const record& row) {
  reservation r;
  r.id = row.id;
  r.type = row.type;
  return r;
}

/// `withdrawn`: the removal is of one that was refused.
bool is_step(std::optional<record_state> from, record_state to,
             bool withdrawn) {
  using enum record_state;
  if (!from)
    return to == accepted || to == provisioned;
  switch (to) {
  case accepted:
    return false;
  case applying:
    return *from == accepted || *from == applying;
  case provisioned:
    return *from == accepted || *from == applying || *from == removing
           || *from == provisioned;
  case failed:
  case rejected:
    return *from == accepted || *from == applying || *from == to
           || (withdrawn && *from == removing);
  case removing:
    return *from == removing || *from == (withdrawn ? applying : provisioned);
  }
  return false;
}

} // namespace

void checkers::fail(std::string_view promise, const std::string& text) {
  if (broken_)
    return;
  broken_ = violation{std::string{promise}, text};
  log_.note(std::string{promise} + " IS BROKEN: " + text);
}

bool checkers::is_excused(const std::string& id) const {
  auto known = facts_.find(id);
  return known != facts_.end() && known->second.damaged;
}

// -- the store ----------------------------------------------------------------

void checkers::applied(const transition_batch& batch, durability demanded) {
  ++checks_;
  check_order(batch);
  for (auto& put : batch.puts)
    check_put(put);
  for (auto& stone : batch.gone)
    check_gone(stone);
  check_results(batch);
  live_.apply(batch);
  doubtful_.clear();
  tail_.push_back(batch);
  if (demanded == durability::machine) {
    for (auto& one : tail_)
      durable_.apply(one);
    tail_.clear();
  }
  for (auto& [source, next] : batch.cursors)
    check_cursor(next);
}

void checkers::refused(const transition_batch& batch) {
  doubtful_.push_back(batch);
}

void checkers::check_put(const record_put& put) {
  auto& row = *put.what;
  auto old = live_.records.find(row.id);
  std::optional<record_state> from;
  if (old != live_.records.end())
    from = old->second.state;
  if (!is_step(from, row.state, row.cause == removal_cause::refused))
    fail("P1", "record " + row.id + " goes from "
                 + std::string{from ? to_string(*from) : "nothing"} + " to "
                 + std::string{to_string(row.state)});
  if (!from)
    check_new(row);
  if (row.state == record_state::removing && from == record_state::provisioned)
    check_removal(row);
  has_outcome(row.id);
}

void checkers::has_outcome(const std::string& id) {
  unsettled_.erase(id);
  if (call_ && call_->id == id)
    call_.reset();
}

void checkers::check_new(const record& row) {
  auto grave = gone_.find(row.id);
  if (grave != gone_.end() && grave->second >= row.version)
    fail("P7",
         "reservation " + row.id + " is taken in again after it was gone");
  auto highest = std::uint64_t{0};
  for (auto& [id, other] : live_.records)
    highest = std::max(highest, other.sequence);
  if (row.sequence <= highest)
    fail("P4",
         "reservation " + row.id + " is put before others that came first");
}

void checkers::check_removal(const record& row) {
  auto known = facts_.find(row.id);
  if (row.cause == removal_cause::expired) {
    if (row.expires > clock_.now())
      fail("P8", "reservation " + row.id + " is removed before its time");
  } else if (known == facts_.end() || !known->second.deletion_ordered) {
    fail("P8", "reservation " + row.id + " is removed and nobody ordered it");
  }
}

void checkers::check_gone(const tombstone& stone) {
  auto old = live_.records.find(stone.id);
  if (old != live_.records.end() && stone.migrated_to.empty()) {
    auto state = old->second.state;
    if (state != record_state::removing && state != record_state::failed
        && state != record_state::rejected)
      fail("P8", "reservation " + stone.id + " is forgotten while it is "
                   + std::string{to_string(state)});
  }
  has_outcome(stone.id);
  auto& version = gone_[stone.id];
  version = std::max(version, stone.version);
}

void checkers::check_results(const transition_batch& batch) {
  for (auto& row : batch.outbox) {
    if (row.kind != report_kind::result)
      continue;
    auto [known, first] = results_.emplace(row.id, row.body);
    if (!first && known->second != row.body && !is_excused(row.id))
      fail("P3", "reservation " + row.id + " has two results: " + known->second
                   + " and " + row.body);
  }
}

/// What one page brings is put in the order of work.
void checkers::check_order(const transition_batch& batch) {
  const record* before = nullptr;
  for (auto& put : batch.puts) {
    auto& row = *put.what;
    if (row.state != record_state::accepted || !put.with_received)
      continue;
    if (before != nullptr
        && (row.sequence <= before->sequence
            || before_in_page(for_order(row), for_order(*before))))
      fail("P4", "reservation " + before->id + " is put before " + row.id);
    before = &row;
  }
}

/// The cursor that came with a page: all that this page and those before it
/// held is remembered. Of pages with the same cursor the first is meant.
void checkers::check_cursor(std::uint64_t cursor) {
  auto page = std::ranges::find(handed_, cursor, &handed_page::cursor);
  if (page == handed_.end())
    return;
  for (auto each = handed_.begin(); each <= page; ++each)
    check_handed(*each, cursor);
  handed_.erase(handed_.begin(), page + 1);
}

void checkers::check_handed(const handed_page& page, std::uint64_t cursor) {
  for (auto& one : page.documents) {
    if (durable_.records.contains(one.id)
        || durable_.tombstones.contains(one.id)
        || durable_.quarantine.contains(one.id))
      continue;
    // It is asked for again: the cursor says nothing of it.
    auto number = split_reservation_id(one.id);
    if (number && number->reservation >= cursor)
      continue;
    auto kept = std::any_of(
      durable_.quarantine.begin(), durable_.quarantine.end(),
      [&](auto& row) { return row.second.received.text == one.text; });
    if (!kept)
      fail("P1", "the cursor is at " + std::to_string(cursor)
                   + ", but reservation " + one.id + " is nowhere");
  }
}

// -- restarts -----------------------------------------------------------------

void checkers::died(bool kept_all) {
  kept_all_ = kept_all;
  call_.reset();
  unsettled_.clear();
  last_sequence_ = 0;
  last_sequences_.clear();
  type_troubled_ = false;
  tried_.clear();
  deletions_.clear();
  let_through_.clear();
  confirming_ = false;
  // What was on its way to the node and was not accepted is asked for again.
  handed_.clear();
}

void checkers::damaged(const std::string& id) {
  facts_[id].damaged = true;
  for (auto* one : {&durable_, &live_}) {
    one->records.erase(id);
    one->quarantine[id].key = id;
  }
}

bool checkers::reopened(reservation_store& store, bool may_be_unreadable) {
  ++checks_;
  auto candidate = durable_;
  std::string first;
  for (std::size_t i = 0; i <= tail_.size(); ++i) {
    if (i > 0)
      candidate.apply(tail_[i - 1]);
    if (kept_all_ && i < tail_.size())
      continue;
    auto difference = candidate.difference_to(store);
    if (difference.empty()) {
      durable_ = live_ = candidate;
      tail_.clear();
      doubtful_.clear();
      return true;
    }
    if (may_be_unreadable && difference.starts_with("unreadable"))
      return false;
    if (first.empty())
      first = std::move(difference);
  }
  for (auto& one : doubtful_) {
    auto with = candidate;
    with.apply(one);
    if (with.difference_to(store).empty()) {
      durable_ = live_ = with;
      for (auto& stone : one.gone)
        gone_[stone.id] = std::max(gone_[stone.id], stone.version);
      for (auto& row : one.outbox)
        if (row.kind == report_kind::result)
          results_.emplace(row.id, row.body);
      tail_.clear();
      doubtful_.clear();
      return true;
    }
  }
  fail("P9", "the store does not hold what was acknowledged: " + first);
  return true;
}

void checkers::chained(reservation_store& store) {
  ++checks_;
  constexpr std::size_t more_than_kept = 1000;
  auto lines = store.journal(0, more_than_kept);
  if (!lines)
    return fail("P9",
                "the journal cannot be read: " + to_string(lines.error()));
  journal_check check{store.seal(), {}};
  for (auto& line : *lines)
    check.take(line.sequence, encode_journal_entry(line));
  for (auto& one : check.finish().problems)
    // Nothing is signed here, which is the first thing that it says.
    if (one.line > 0)
      return fail("P9", "line " + std::to_string(one.line) + " of the journal "
                          + one.what);
}

} // namespace provision::simulation
