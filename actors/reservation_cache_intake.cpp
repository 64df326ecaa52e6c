#include <algorithm>
#include <string_view>
#include <utility>

#include "actors/indexed_store.hpp"
#include "actors/owed_reports.hpp"
#include "actors/reservation_cache.hpp"
#include "persistence/transition_rules.hpp"

/// A page comes in: what is new, known, refused, to be taken down.
namespace provision {

namespace {

/// Whether a sender who has a result in this state and with this signature
/// waits for the one that we have.
bool wants_result(result_state state, std::string_view signature,
                  const record& ours) {
  return !ours.result.is_nil()
         && (state != ours.result.state || signature != ours.result.signature);
}

/// Whether `newer` asks for what `older` already runs. The older type network
/// is taken over by network_resource whatever its data.
bool same_workload(const reservation& newer, const reservation& older) {
  if (older.type == reservation_types::network
      && newer.type == reservation_types::network_resource)
    return true;
  return newer.type == older.type && newer.workload == older.workload;
}

/// Whether a reservation that has failed may begin anew: only from the
/// quarantine.
bool is_tried_again(bool from_quarantine, const reservation& what,
                    const record& known) {
  return from_quarantine && !what.to_delete
         && (known.state == record_state::failed
             || known.state == record_state::rejected);
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

expected<accepted_page> reservation_cache::accept(accept_page page) {
  page_work work;
  work.now = clock_->now();
  work.source = page.source;
  work.again = !page.released.empty();
  work.reply.known = page.settled;
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

standing reservation_cache::standing_of(const glance& what) {
  auto live = what.id.empty() ? expected<std::optional<record>>{std::nullopt}
                              : store_->find_state(what.id);
  // A newer version is checked, in case the older one goes meanwhile.
  if (live && *live && (*live)->version >= what.version) {
    bool asks_nothing
      = !what.to_delete
        && (is_pending((*live)->state)
            || !wants_result(what.state, what.signature, **live));
    return asks_nothing ? standing::settled : standing::known;
  }
  auto grave = store_->find_tombstone(what.id);
  if (!grave || !*grave || (*grave)->version < what.version)
    return standing::fresh;
  bool is_live = live && *live;
  return what.to_delete || is_live ? standing::known : standing::settled;
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
  auto& theirs = entry.what->result;
  if (wants_result(theirs.state, theirs.signature, known))
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
  begin_removal(row, order.cause, order.reason);
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

} // namespace provision
