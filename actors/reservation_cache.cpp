#include "actors/reservation_cache.hpp"

#include <algorithm>
#include <utility>

#include "messages/converter.hpp"
#include "messages/json/json.hpp"
#include "persistence/transition_rules.hpp"

namespace provision {

namespace {

/// The request body for a result; nothing for types that the explorer cannot
/// store (debug, gateway types).
std::optional<std::string> result_body(const result& r) {
  auto document = to_document(r);
  if (!document)
    return std::nullopt;
  return json::write(*document);
}

outbox_row deleted_row(std::string_view id) {
  return {.kind = report_kind::deleted, .id = std::string{id}};
}

void owe_result(transition_batch& batch, const result& r) {
  if (auto body = result_body(r))
    batch.outbox.push_back(
      {.kind = report_kind::result, .id = r.id, .body = std::move(*body)});
}

void owe_deleted(transition_batch& batch, std::string_view id) {
  batch.outbox.push_back(deleted_row(id));
}

/// Whether the sender already has this very result.
bool has_result(const reservation& sender, const record& ours) {
  return sender.result.state == ours.result.state
         && sender.result.signature == ours.result.signature;
}

/// Whether `newer` asks for what `older` already runs. The older type network
/// is taken over by network_resource whatever its data.
bool same_workload(const reservation& newer, const reservation& older) {
  if (older.type == reservation_types::network
      && newer.type == reservation_types::network_resource)
    return true;
  return newer.type == older.type && newer.workload == older.workload;
}

} // namespace

struct reservation_cache::page_work {
  timestamp now = {};
  std::string source = {};
  transition_batch batch = {};
  accepted_page reply = {};
  /// The documents come from the quarantine, at an operator's wish.
  bool again = false;
};

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
  : store_{std::move(store)}, clock_{std::move(clock)},
    next_sequence_{store_->recovery().next_sequence} {
}

namespace {

/// Whether a reservation that has failed may begin anew: only from the
/// quarantine.
bool is_tried_again(bool from_quarantine, const reservation& what,
                    const record& known) {
  return from_quarantine && !what.to_delete
         && (known.state == record_state::failed
             || known.state == record_state::rejected);
}

} // namespace

// -- a page comes in ----------------------------------------------------------

expected<accepted_page> reservation_cache::accept(accept_page page) {
  page_work work;
  work.now = clock_->now();
  work.source = page.source;
  work.again = !page.released.empty();
  auto first_sequence = next_sequence_;
  for (auto& order : page.removals)
    accept_removal(work, order);
  for (auto& entry : page.entries)
    accept_entry(work, entry);
  // What is refused again keeps its row, so the rows need their keys now.
  name_quarantine(work.batch);
  for (auto& key : page.released)
    if (std::ranges::find(work.batch.quarantine, key, &quarantined::key)
        == work.batch.quarantine.end())
      work.batch.released.push_back(std::move(key));
  auto asked_at = page.asked ? std::optional{page.asked->at} : std::nullopt;
  if (asked_at)
    reports_.forget_before(*asked_at);
  std::erase_if(work.batch.outbox, [&](const outbox_row& row) {
    return reports_.knows(row, asked_at);
  });
  auto unseen = unseen_;
  if (page.cursor) {
    if (page.asked)
      unseen.looked(*page.asked, *page.cursor);
    auto next
      = page.asked ? unseen.from().value_or(*page.cursor) : *page.cursor;
    work.batch.cursors.emplace_back(page.source, std::min(next, *page.cursor));
  }
  if (!work.batch.empty()) {
    if (auto failure = store_->apply(work.batch, durability::machine)) {
      next_sequence_ = first_sequence;
      return fail(std::move(failure));
    }
  }
  unseen_ = unseen;
  reports_.owe(work.batch.outbox);
  work.reply.reports = std::move(work.batch.outbox);
  return std::move(work.reply);
}

void reservation_cache::accept_entry(page_work& work, intake_entry& entry) {
  auto id = entry.what ? entry.what->id : entry.id;
  auto known = id.empty() ? expected<std::optional<record>>{std::nullopt}
                          : store_->find_state(id);
  if (!known) {
    // A damaged record must not be overwritten by a re-delivery.
    entry.refusal = known.error();
    return refuse(work, entry);
  }
  if (*known && entry.what && !entry.refusal
      && !is_tried_again(work.again, *entry.what, **known))
    return accept_known(work, entry, **known);
  if (*known)
    // A bad document never touches what runs under its id.
    entry.signed_refusal = {};
  if (entry.refusal || !entry.what)
    return refuse(work, entry);
  auto grave = store_->find_tombstone(id);
  bool gone = grave && *grave && (*grave)->version >= entry.what->version;
  if (entry.what->to_delete) {
    // Unknown or gone: there is nothing to take down, the explorer may forget.
    owe_deleted(work.batch, id);
    work.batch.gone.push_back({id, entry.what->version, work.now, {}});
    return;
  }
  if (gone) {
    ++work.reply.known;
    return;
  }
  accept_fresh(work, entry);
}

void reservation_cache::accept_fresh(page_work& work, intake_entry& entry) {
  auto objection = objection_to(*entry.what);
  if (!objection && migrate(work, entry))
    return;
  auto row = std::make_shared<record>(new_record(work, entry));
  note(work.batch, row->id, "accepted");
  work.batch.puts.push_back({row, true});
  work.reply.intents.push_back({row, entry.what, std::move(objection)});
}

void reservation_cache::accept_known(page_work& work, intake_entry& entry,
                                     record& known) {
  if (is_pending(known.state)) {
    ++work.reply.known;
    return;
  }
  if (entry.what->to_delete) {
    if (known.state == record_state::provisioned)
      return accept_deletion(work, entry);
    // Failed and rejected reservations hold nothing.
    owe_deleted(work.batch, known.id);
    work.batch.gone.push_back({known.id, known.version, work.now, {}});
    note(work.batch, known.id, "gone");
    return;
  }
  ++work.reply.known;
  if (!known.result.is_nil() && !has_result(*entry.what, known))
    resend(work, known);
}

void reservation_cache::accept_deletion(page_work& work, intake_entry& entry) {
  auto row = store_->find(entry.what->id);
  if (!row) {
    entry.refusal = row.error();
    return refuse(work, entry);
  }
  order_removal(work, std::move(**row),
                {entry.what->id, removal_cause::ordered, {}});
}

void reservation_cache::resend(page_work& work, const record& row) {
  owe_result(work.batch, row.result);
  if (row.state != record_state::provisioned)
    owe_deleted(work.batch, row.id);
}

void reservation_cache::refuse(page_work& work, intake_entry& entry) {
  ++work.reply.refused;
  auto id = entry.what ? entry.what->id : entry.id;
  quarantined row{id, work.source, entry.refusal, work.now, entry.received, {}};
  // Twice in one page is once.
  auto& refused = work.batch.quarantine;
  auto twin = std::ranges::find(refused, id, &quarantined::key);
  if (!id.empty() && twin != refused.end())
    return;
  auto before = id.empty() ? expected<std::optional<quarantined>>{std::nullopt}
                           : store_->find_quarantined(id);
  // It comes again until its sender has the answer: always the first one.
  if (before && *before && !(*before)->answer.empty())
    row.answer = std::move((*before)->answer);
  else if (!entry.signed_refusal.is_nil())
    row.answer = result_body(entry.signed_refusal).value_or(std::string{});
  bool owed = !entry.signed_refusal.is_nil() && !row.answer.empty();
  if (owed) {
    work.batch.outbox.push_back(
      {.kind = report_kind::result, .id = id, .body = row.answer});
    owe_deleted(work.batch, id);
  }
  if (!before || !*before || (*before)->reason.code != entry.refusal.code)
    note(work.batch, id, "refused", to_string(entry.refusal));
  work.batch.quarantine.push_back(std::move(row));
}

void reservation_cache::accept_removal(page_work& work,
                                       const removal_order& order) {
  auto known = store_->find(order.id);
  if (!known || !*known || is_pending((*known)->state)) {
    ++work.reply.known;
    return;
  }
  auto& row = **known;
  if (row.state == record_state::provisioned)
    order_removal(work, std::move(row), order);
}

void reservation_cache::order_removal(page_work& work, record row,
                                      const removal_order& order) {
  auto what = decode_reservation(row);
  if (!what) {
    work.batch.quarantine.push_back(
      {row.id, work.source, what.error(), work.now, row.received});
    ++work.reply.refused;
    if (order.cause == removal_cause::expired) {
      // What cannot be read cannot be taken down: it must not be due for ever.
      row.expires = end_of_time;
      work.batch.puts.push_back(
        {std::make_shared<record>(std::move(row)), false});
    }
    return;
  }
  row.state = record_state::removing;
  row.cause = order.cause;
  row.reason = order.reason;
  row.sequence = next_sequence_++;
  row.attempts = 1;
  row.deaths = 0;
  auto shared = std::make_shared<record>(std::move(row));
  note(work.batch, shared->id, "removing",
       order.reason.empty() ? std::string{to_string(order.cause)}
                            : order.reason);
  work.batch.puts.push_back({shared, false});
  work.reply.intents.push_back(
    {shared, std::make_shared<reservation>(std::move(*what)), {}});
}

/// Whether a reservation may not take the place of the one it refers to.
error reservation_cache::objection_to(const reservation& r) {
  if (r.reference.empty() || r.reference == r.id)
    return {};
  auto older = store_->find(r.reference);
  if (!older)
    return older.error();
  if (!*older)
    return objection_to_gone(r);
  if ((*older)->state == record_state::removing)
    return {errc::invalid_reservation,
            "reservation " + r.reference + " is being removed"};
  if ((*older)->state != record_state::provisioned)
    return {};
  auto runs = decode_reservation(**older);
  if (!runs)
    return runs.error();
  if (runs->user_id != r.user_id)
    return {errc::invalid_reservation,
            "reservation " + r.reference + " belongs to another user"};
  // What runs bears the first id of all; this one would look for the second.
  if (!runs->reference.empty() && runs->reference != runs->id)
    return {errc::invalid_reservation,
            "reservation " + r.reference + " took the place of "
              + runs->reference + " and cannot be replaced again"};
  if (!same_workload(r, *runs))
    return {errc::invalid_reservation,
            "reservation " + r.reference + " asks for something else"};
  return {};
}

/// Two reservations must not share what one of them would take down.
error reservation_cache::objection_to_gone(const reservation& r) {
  auto grave = store_->find_tombstone(r.reference);
  if (!grave)
    return grave.error();
  if (!*grave || (*grave)->migrated_to.empty() || (*grave)->migrated_to == r.id)
    return {};
  return {errc::invalid_reservation, "reservation " + r.reference
                                       + " was replaced by "
                                       + (*grave)->migrated_to + " already"};
}

/// Moves the record that `entry` refers to under the new id, in this batch.
bool reservation_cache::migrate(page_work& work, intake_entry& entry) {
  auto& reference = entry.what->reference;
  if (reference.empty() || reference == entry.what->id)
    return false;
  auto older = store_->find(reference);
  if (!older || !*older || (*older)->state != record_state::provisioned)
    return false;
  auto row = std::make_shared<record>(new_record(work, entry));
  row->state = record_state::provisioned;
  row->settled_at = work.now;
  row->takes = (*older)->takes;
  row->result = (*older)->result;
  row->result.id = row->id;
  if (!row->result.is_nil())
    owe_result(work.batch, row->result);
  work.batch.gone.push_back({reference, (*older)->version, work.now, row->id});
  note(work.batch, row->id, "migrated", "from " + reference);
  work.batch.puts.push_back({std::move(row), true});
  return true;
}

record reservation_cache::new_record(const page_work& work,
                                     const intake_entry& entry) {
  record row;
  auto& what = *entry.what;
  row.id = what.id;
  row.sequence = next_sequence_++;
  row.state = record_state::accepted;
  row.attempts = 1;
  row.source = work.source;
  row.type = what.type;
  row.user_id = what.user_id;
  row.version = what.version;
  // Amounts that do not fit are refused by the engine, with a result.
  row.takes = resources_of(what).value_or(resources{});
  row.network = network_of(what);
  row.expires = what.expires_at();
  row.accepted_at = work.now;
  row.received = entry.received;
  return row;
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
  for (auto& outcome : request.outcomes)
    settle_one(batch, outcome);
  if (auto failure = store_->apply(batch, durability::machine))
    return fail(std::move(failure));
  reports_.owe(batch.outbox);
  return settled_outcomes{std::move(batch.outbox)};
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
  if (auto results = reports_.accept(request.delivered, now)) {
    unseen_.taken(*results, now);
    // Whoever dies now looks again after the next start.
    auto cursor = store_->cursor(request.source);
    if (!cursor)
      return fail(cursor.error());
    if (*cursor > results->low)
      batch.cursors.emplace_back(request.source, results->low);
  }
  if (auto failure = store_->apply(batch, durability::process))
    return fail(std::move(failure));
  return closed_reports{unseen_.from()};
}

// -- questions ----------------------------------------------------------------

expected<recalled_ids> reservation_cache::recall(const recall_ids& request) {
  recalled_ids reply;
  for (auto& [id, version] : request.ids) {
    auto live = store_->find_state(id);
    // A newer version is checked, in case the older one goes meanwhile.
    bool known = live && *live && (*live)->version >= version;
    if (!known) {
      auto grave = store_->find_tombstone(id);
      known = grave && *grave && (*grave)->version >= version;
    }
    reply.known.push_back(known);
  }
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
