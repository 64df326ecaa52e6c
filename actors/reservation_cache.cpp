#include "actors/reservation_cache.hpp"

#include <utility>

#include "actors/indexed_store.hpp"
#include "actors/owed_reports.hpp"
#include "actors/reservation_questions.hpp"
#include "messages/converter.hpp"
#include "messages/json/json.hpp"

namespace provision {

expected<reservation> decode_reservation(const received_text& received) {
  if (received.form == text_form::reservation)
    return json::read_reservation(received.text);
  auto document = json::read_document(received.text);
  if (!document)
    return fail(document.error());
  return to_reservation(*document);
}

expected<reservation> decode_reservation(const record& row) {
  auto what = decode_reservation(row.received);
  if (what) {
    what->result = row.result;
    what->tag.source = row.source;
  }
  return what;
}

ledger_entry to_ledger_entry(const record& row) {
  return {row.type, row.takes, row.network};
}

reservation_cache::reservation_cache(std::unique_ptr<reservation_store> store,
                                     std::shared_ptr<const wall_clock> clock)
  : store_{std::make_unique<indexed_store>(std::move(store))},
    clock_{std::move(clock)}, next_sequence_{store_->recovery().next_sequence} {
}

reservation_cache::~reservation_cache() = default;

reservation_store& reservation_cache::store() noexcept {
  return *store_;
}

void reservation_cache::note(transition_batch& batch, std::string_view id,
                             std::string_view event, std::string text) {
  batch.journal.push_back({.at = clock_->now(),
                           .id = std::string{id},
                           .event = std::string{event},
                           .text = std::move(text)});
}

// -- outcomes -----------------------------------------------------------------

expected<settled_outcomes>
reservation_cache::settle(const settle_outcomes& request) {
  transition_batch batch;
  settled_outcomes reply;
  const auto first_sequence = next_sequence_;
  for (auto& outcome : request.outcomes) {
    if (outcome.withdrawn)
      reply.intents.push_back(withdraw(batch, outcome));
    else
      settle_one(batch, outcome);
  }
  if (auto failure = store_->apply(batch, durability::machine)) {
    next_sequence_ = first_sequence;
    return fail(std::move(failure));
  }
  reports_.owe(batch.outbox);
  reply.reports = std::move(batch.outbox);
  return reply;
}

intent reservation_cache::withdraw(transition_batch& batch,
                                   const settlement& outcome) {
  auto row = std::make_shared<record>(*outcome.work.row);
  row->takes = {};
  row->network.clear();
  begin_removal(*row, removal_cause::refused, outcome.withdrawn.message);
  note(batch, row->id, "withdrawn", row->reason);
  batch.puts.push_back({row, false});
  return {std::move(row), outcome.work.what, {}};
}

/// A removal is an intent of its own, behind all that came before.
void reservation_cache::begin_removal(record& row, removal_cause cause,
                                      std::string reason) {
  row.state = record_state::removing;
  row.cause = cause;
  row.reason = std::move(reason);
  row.sequence = next_sequence_++;
  row.attempts = 1;
  row.deaths = 0;
}

void reservation_cache::settle_one(transition_batch& batch,
                                   const settlement& outcome) {
  auto& before = *outcome.work.row;
  auto now = clock_->now();
  if (outcome.send_deleted && outcome.deleted_first)
    owe_deleted(batch, before.id);
  if (outcome.send_result)
    owe_result(batch, outcome.result);
  if (outcome.send_deleted && !outcome.deleted_first)
    owe_deleted(batch, before.id);
  if (outcome.quarantine)
    batch.quarantine.push_back(
      {before.id, before.source, outcome.quarantine, now, before.received});
  if (!outcome.state) {
    batch.gone.push_back({before.id, before.version, now, {}});
    note(batch, before.id, "gone");
    return;
  }
  auto row = std::make_shared<record>(before);
  row->state = *outcome.state;
  row->settled_at = now;
  row->deaths = 0;
  if (outcome.quarantine && row->state == record_state::provisioned)
    // Its removal is not tried again by itself: it must not be due any more.
    row->expires = end_of_time;
  if (!outcome.result.is_nil())
    row->result = outcome.result;
  if (row->state == record_state::removing)
    ++row->attempts;
  note(batch, row->id, to_string(row->state),
       outcome.remark.empty() ? outcome.result.error : outcome.remark);
  batch.puts.push_back({std::move(row), false});
}

expected<rearmed_pending>
reservation_cache::rearm(const rearm_pending& request) {
  auto rows = store_->pending(request.after, request.count_max);
  if (!rows)
    return fail(rows.error());
  transition_batch batch;
  rearmed_pending reply;
  for (auto& row : *rows) {
    auto what = decode_reservation(row);
    if (!what) {
      batch.quarantine.push_back(
        {row.id, row.source, what.error(), clock_->now(), row.received});
      batch.gone.push_back({row.id, row.version, clock_->now(), {}});
      continue;
    }
    ++row.attempts;
    if (row.state == record_state::accepted)
      row.state = record_state::applying;
    if (row.id == request.in_flight)
      ++row.deaths;
    auto shared = std::make_shared<record>(std::move(row));
    batch.puts.push_back({shared, false});
    auto objection
      = shared->state == record_state::removing ? error{} : objection_to(*what);
    reply.intents.push_back({shared,
                             std::make_shared<reservation>(std::move(*what)),
                             std::move(objection)});
  }
  if (!batch.empty())
    if (auto failure = store_->apply(batch, durability::machine))
      return fail(std::move(failure));
  return reply;
}

expected<std::vector<outbox_row>>
reservation_cache::read_reports(const read_outbox& request) {
  auto rows = store_->outbox(request.after, request.count_max);
  if (rows)
    reports_.owe(*rows);
  return rows;
}

expected<closed_reports> reservation_cache::close(const close_reports& request,
                                                  moment now) {
  transition_batch batch;
  batch.delivered = request.delivered;
  batch.parked = request.parked;
  if (auto results = reports_.accept(request.delivered, now))
    unseen_.taken(*results, now);
  if (auto again = unseen_.from()) {
    // Whoever dies now looks again after the next start. Also if these rows
    // come for the second time, since the first could not be written.
    auto cursor = store_->cursor(request.source);
    if (!cursor)
      return fail(cursor.error());
    if (*cursor > *again)
      batch.cursors.emplace_back(request.source, *again);
  }
  if (auto failure = store_->apply(batch, durability::process))
    return fail(std::move(failure));
  return closed_reports{unseen_.from()};
}

// -- questions ----------------------------------------------------------------

expected<recalled_glances>
reservation_cache::recall(const recall_glances& request) {
  recalled_glances reply;
  reply.standings.reserve(request.glances.size());
  for (auto& what : request.glances)
    reply.standings.push_back(standing_of(what));
  return reply;
}

expected<expired_records>
reservation_cache::expired(const find_expired& request) {
  auto due = store_->expired(request.at, request.count_max);
  if (!due)
    return fail(due.error());
  expired_records reply;
  for (auto& row : *due)
    reply.ids.push_back(row.id);
  auto next = store_->next_deadline();
  if (!next)
    return fail(next.error());
  reply.next_deadline = *next;
  return reply;
}

expected<listed_records> reservation_cache::list(const list_records& request) {
  return list_from(*store_, request);
}

expected<found_record> reservation_cache::find(std::string_view id) {
  auto row = store_->find(id);
  if (!row)
    return fail(row.error());
  if (!*row)
    return fail(errc::no_such_reservation,
                "the node knows no reservation " + std::string{id});
  auto what = decode_reservation(**row);
  if (!what)
    return fail(what.error());
  return found_record{std::make_shared<record>(std::move(**row)),
                      std::make_shared<reservation>(std::move(*what))};
}

expected<quarantined>
reservation_cache::find_quarantined(std::string_view key) {
  auto row = store_->find_quarantined(key);
  if (!row)
    return fail(row.error());
  if (!*row)
    return fail(errc::no_such_reservation,
                "the quarantine holds no " + std::string{key});
  return std::move(**row);
}

error reservation_cache::drop(const drop_quarantined& request) {
  auto row = find_quarantined(request.key);
  if (!row)
    return row.error();
  transition_batch batch;
  batch.released.push_back(request.key);
  note(batch, request.key, "dropped", to_string(row->reason));
  return store_->apply(batch, durability::machine);
}

error reservation_cache::keep(const keep_number& request) {
  transition_batch batch;
  batch.cursors.emplace_back(request.name, request.value);
  const bool is_on = request.value > 0;
  constexpr std::string_view cordon = "@cordon/";
  if (request.name.starts_with(cordon)) {
    auto type = request.name.substr(cordon.size());
    note(batch, {}, is_on ? "cordoned" : "uncordoned",
         type.empty() ? "the node" : type);
  } else if (request.name == "@deletions_held") {
    note(batch, {}, is_on ? "deletions_held" : "deletions_confirmed", {});
  }
  return store_->apply(batch, durability::machine);
}

} // namespace provision
