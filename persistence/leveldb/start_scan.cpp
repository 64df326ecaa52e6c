#include "persistence/leveldb/start_scan.hpp"

#include <optional>
#include <utility>

#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/list_index.hpp"
#include "persistence/leveldb/status.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/row_codec.hpp"
#include "persistence/transition_rules.hpp"

namespace provision {

namespace {

using keys::kind;

/// The two rows of one id; a missing one is nullopt.
struct row_pair {
  std::string_view id;
  std::optional<std::string_view> state;
  std::optional<std::string_view> received;
};

expected<record_summary> check_state(std::string_view id,
                                     std::string_view row) {
  auto summary = decode_summary(row);
  if (summary && summary->id != id)
    return fail(errc::storage_corrupt,
                "state row: belongs to " + std::string{summary->id});
  return summary;
}

/// Keeps as much of the damaged record as can be read.
damaged_rows describe(const row_pair& rows, error reason, timestamp now) {
  damaged_rows damage;
  damage.notice.key = rows.id;
  reason.message = "record " + std::string{rows.id} + ": " + reason.message;
  damage.notice.reason = std::move(reason);
  damage.notice.since = now;
  if (rows.state) {
    damage.keys.push_back(keys::named(kind::state, rows.id));
    if (const auto state = decode_state(*rows.state))
      damage.notice.source = state->source;
  }
  if (rows.received) {
    damage.keys.push_back(keys::named(kind::received, rows.id));
    if (auto text = decode_received(*rows.received))
      damage.notice.received = std::move(*text);
  }
  return damage;
}

void check_pair(const row_pair& rows, timestamp now,
                const std::function<void(const record_summary&)>& good,
                const std::function<void(damaged_rows)>& bad) {
  const auto missing = [](const char* what) {
    return error{errc::storage_corrupt, std::string{what} + " is missing"};
  };
  error reason;
  record_summary seen;
  if (!rows.state) {
    reason = missing("state row");
  } else if (auto summary = check_state(rows.id, *rows.state); !summary) {
    reason = summary.error();
  } else if (!rows.received) {
    reason = missing("row of received bytes");
  } else {
    seen = *summary;
    reason = check_received(*rows.received);
  }
  if (reason)
    bad(describe(rows, std::move(reason), now));
  else
    good(seen);
}

/// A damaged row that is not a record: its notice is named after its key.
damaged_rows describe_row(std::string_view key, std::string name, error reason,
                          timestamp now) {
  damaged_rows damage;
  damage.keys.emplace_back(key);
  reason.message = name + ": " + reason.message;
  damage.notice.key = std::move(name);
  damage.notice.reason = std::move(reason);
  damage.notice.since = now;
  return damage;
}

error scan_outbox(database& db, kind which, timestamp now,
                  const std::function<void(damaged_rows)>& bad) {
  row_range rows{db, keys::prefix(which)};
  for (; rows.valid(); rows.next()) {
    const auto sequence = keys::sequence_of(rows.key());
    const auto row = decode_outbox_row(rows.value());
    if (row && sequence == row->sequence)
      continue;
    bad(describe_row(
      rows.key(), "outbox-" + std::to_string(sequence.value_or(0)),
      row ? error{errc::storage_corrupt, "wrong sequence number"} : row.error(),
      now));
  }
  return rows.verdict();
}

std::string_view indexed_id(kind which, const row_range& row) {
  if (which == kind::work)
    return row.value();
  if (which != kind::expiry)
    return keys::grouped_id_of(row.key());
  const auto key = keys::expiry_of(row.key());
  return key ? key->id : std::string_view{};
}

} // namespace

error scan_records(database& db, timestamp now,
                   const std::function<void(const record_summary&)>& good,
                   const std::function<void(damaged_rows)>& bad) {
  row_range states{db, keys::prefix(kind::state)};
  row_range texts{db, keys::prefix(kind::received)};
  while (states.valid() || texts.valid()) {
    row_pair rows;
    if (states.valid() && (!texts.valid() || states.name() <= texts.name()))
      rows = {states.name(), states.value(), std::nullopt};
    else
      rows.id = texts.name();
    if (texts.valid() && texts.name() == rows.id)
      rows.received = texts.value();
    check_pair(rows, now, good, bad);
    if (rows.state)
      states.next();
    if (rows.received)
      texts.next();
  }
  auto wrong = states.verdict();
  return wrong ? wrong : texts.verdict();
}

error scan_small_rows(database& db, timestamp now,
                      const std::function<void(damaged_rows)>& bad) {
  for (const auto which : {kind::outbox, kind::parked})
    if (auto wrong = scan_outbox(db, which, now, bad))
      return wrong;
  row_range cursors{db, std::string{keys::cursor_prefix}};
  for (; cursors.valid(); cursors.next())
    if (const auto next = decode_number(cursors.value()); !next)
      bad(describe_row(cursors.key(), "cursor-" + std::string{cursors.name()},
                       next.error(), now));
  return cursors.verdict();
}

error scan_index(
  database& db,
  const std::function<void(std::string_view key, std::string_view id)>& visit) {
  for (const auto which :
       {kind::work, kind::expiry, kind::network, kind::user, kind::type}) {
    row_range rows{db, keys::prefix(which)};
    for (; rows.valid(); rows.next())
      visit(rows.key(), indexed_id(which, rows));
    if (auto wrong = rows.verdict())
      return wrong;
  }
  return {};
}

error set_aside(database& db, const damaged_rows& damage,
                leveldb::WriteBatch& rows) {
  for (const auto& key : damage.keys) {
    const auto bytes = db.get(key);
    if (!bytes)
      return bytes.error();
    if (*bytes)
      rows.Put(keys::named(kind::damaged, key), **bytes);
    rows.Delete(key);
  }
  rows.Put(keys::named(kind::quarantine, damage.notice.key),
           encode_quarantined(damage.notice));
  return {};
}

std::vector<std::string> index_rows_of(const record_summary& what) {
  std::vector<std::string> own;
  if (is_pending(what.state))
    own.push_back(keys::numbered(kind::work, what.sequence));
  if (has_deadline(what.state, what.expires))
    own.push_back(keys::expiry(what.expires, what.id));
  if (stands_for_network(what.state, what.network))
    own.push_back(keys::grouped(kind::network, what.network, what.id));
  for (auto& key : list_rows_of(what))
    own.push_back(std::move(key));
  return own;
}

} // namespace provision
