#include "persistence/leveldb/leveldb_store.hpp"

#include <algorithm>
#include <limits>

#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/list_index.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

namespace {

using keys::kind;

error named(std::string_view what, std::string_view name, const error& why) {
  return {why.code,
          std::string{what} + " " + std::string{name} + ": " + why.message,
          why.detail};
}

/// Rows of a numbered kind with sequence > `after`, at most `count_max`.
template <class T, class Decode>
expected<std::vector<T>> read_numbered(database& db, kind which,
                                       std::uint64_t after,
                                       std::size_t count_max, Decode decode) {
  std::vector<T> found;
  if (after == std::numeric_limits<std::uint64_t>::max())
    return found;
  row_range rows{db, keys::prefix(which), keys::numbered(which, after + 1)};
  for (; rows.valid() && found.size() < count_max; rows.next()) {
    const auto sequence = keys::sequence_of(rows.key()).value_or(0);
    expected<T> row = decode(sequence, rows.value());
    if (!row)
      return fail(row.error());
    found.push_back(std::move(*row));
  }
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return found;
}

expected<outbox_row> read_outbox_row(std::uint64_t sequence,
                                     std::string_view bytes) {
  auto row = decode_outbox_row(bytes);
  if (!row)
    return fail(named("outbox row", std::to_string(sequence), row.error()));
  return row;
}

} // namespace

error leveldb_reservation_store::write(leveldb::WriteBatch& rows,
                                       durability demanded) {
  bool is_synced = demanded == durability::machine;
  auto before = std::chrono::steady_clock::now();
  auto wrong = db_->write(rows, is_synced);
  auto span = std::chrono::steady_clock::now() - before;
  (is_synced ? writes_.synced : writes_.plain).observe(span);
  if (wrong)
    ++writes_.failures;
  else
    writes_.bytes += rows.ApproximateSize();
  return wrong;
}

error leveldb_reservation_store::apply(transition_batch& batch,
                                       durability demanded) {
  if (auto wrong = check_batch(batch))
    return wrong;
  name_quarantine(batch);
  transition_writer writer{*db_,
                           rows_,
                           numbers_,
                           {.rows_max = settings_.journal_rows_max,
                            .age_max = settings_.journal_age_max,
                            .signs = settings_.signs.get()},
                           stateless_};
  if (auto wrong = writer.add(batch))
    return wrong;
  auto counts = counts_;
  if (counts)
    if (auto wrong = writer.count(*counts))
      return wrong;
  // Before it is written, so that nothing hangs on how that ends.
  for (const auto& one : batch.puts) {
    stateless_.forget(one.what->id);
    if (has_deadline(one.what->state, one.what->expires))
      deadline_floor_.added(one.what->expires);
  }
  for (const auto& stone : batch.gone)
    graveless_.forget(stone.id);
  if (auto wrong = write(rows_, demanded))
    return wrong;
  numbers_ = writer.numbers();
  counts_ = counts;
  return {};
}

expected<std::optional<record>>
leveldb_reservation_store::find_state(std::string_view id) {
  if (stateless_.contains(id))
    return std::optional<record>{};
  const auto row = db_->get(keys::named(kind::state, id));
  if (!row)
    return fail(row.error());
  if (!*row) {
    stateless_.note(id);
    return std::optional<record>{};
  }
  auto what = decode_state(**row);
  if (!what)
    return fail(named("record", id, what.error()));
  return std::optional{std::move(*what)};
}

error leveldb_reservation_store::complete(record& what) {
  const auto row = db_->get(keys::named(kind::received, what.id));
  if (!row)
    return row.error();
  if (!*row)
    return {errc::storage_corrupt,
            "record " + what.id + ": row of received bytes is missing"};
  auto text = decode_received(**row);
  if (!text)
    return named("record", what.id, text.error());
  what.received = std::move(*text);
  return {};
}

expected<std::optional<record>>
leveldb_reservation_store::find(std::string_view id) {
  auto what = find_state(id);
  if (what && *what)
    if (auto wrong = complete(**what))
      return fail(std::move(wrong));
  return what;
}

expected<std::optional<tombstone>>
leveldb_reservation_store::find_tombstone(std::string_view id) {
  if (graveless_.contains(id))
    return std::optional<tombstone>{};
  const auto row = db_->get(keys::named(kind::tombstone, id));
  if (!row)
    return fail(row.error());
  if (!*row) {
    graveless_.note(id);
    return std::optional<tombstone>{};
  }
  auto stone = decode_tombstone(**row);
  if (!stone)
    return fail(named("tombstone", id, stone.error()));
  return std::optional{std::move(*stone)};
}

expected<std::optional<quarantined>>
leveldb_reservation_store::find_quarantined(std::string_view key) {
  const auto row = db_->get(keys::named(kind::quarantine, key));
  if (!row)
    return fail(row.error());
  if (!*row)
    return std::optional<quarantined>{};
  auto what = decode_quarantined(**row);
  // Shown as it is: a damaged row can be dropped.
  if (!what)
    what = quarantined{.key = std::string{key}, .reason = what.error()};
  return std::optional{std::move(*what)};
}

// An index row that outlived its record's transition is passed over: the
// record alone says where it stands.

expected<std::vector<record>>
leveldb_reservation_store::pending(std::uint64_t after, std::size_t count_max) {
  std::vector<record> found;
  if (after == std::numeric_limits<std::uint64_t>::max())
    return found;
  row_range rows{*db_, keys::prefix(kind::work),
                 keys::numbered(kind::work, after + 1)};
  for (; rows.valid() && found.size() < count_max; rows.next()) {
    auto what = find_state(rows.value());
    if (!what)
      return fail(what.error());
    if (!*what || !is_pending((*what)->state)
        || (*what)->sequence != keys::sequence_of(rows.key()))
      continue;
    if (auto wrong = complete(**what))
      return fail(std::move(wrong));
    found.push_back(std::move(**what));
  }
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return found;
}

row_range leveldb_reservation_store::deadlines() {
  row_range rows{*db_, keys::prefix(kind::expiry),
                 keys::expiry(deadline_floor_.at(), {})};
  if (rows.verdict())
    return rows;
  if (!rows.valid())
    deadline_floor_.found_first(end_of_time);
  else if (const auto first = keys::expiry_of(rows.key()))
    deadline_floor_.found_first(first->at);
  return rows;
}

expected<std::vector<record>>
leveldb_reservation_store::expired(timestamp now, std::size_t count_max) {
  std::vector<record> found;
  auto rows = deadlines();
  for (; rows.valid() && found.size() < count_max; rows.next()) {
    const auto due = keys::expiry_of(rows.key());
    if (!due)
      continue;
    if (due->at > now)
      break;
    auto what = find_state(due->id);
    if (!what)
      return fail(what.error());
    if (!*what || !has_deadline((*what)->state, (*what)->expires)
        || (*what)->expires != due->at)
      continue;
    if (auto wrong = complete(**what))
      return fail(std::move(wrong));
    found.push_back(std::move(**what));
  }
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return found;
}

expected<std::optional<timestamp>> leveldb_reservation_store::next_deadline() {
  auto rows = deadlines();
  for (; rows.valid(); rows.next()) {
    const auto due = keys::expiry_of(rows.key());
    if (!due)
      continue;
    const auto what = find_state(due->id);
    if (!what)
      return fail(what.error());
    if (*what && has_deadline((*what)->state, (*what)->expires)
        && (*what)->expires == due->at)
      return std::optional{due->at};
  }
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return std::optional<timestamp>{};
}

expected<bool>
leveldb_reservation_store::network_exists(std::string_view network) {
  row_range rows{*db_, keys::group_prefix(kind::network, network)};
  for (; rows.valid(); rows.next()) {
    const auto what = find_state(rows.name());
    if (!what)
      return fail(what.error());
    if (*what && stands_for_network((*what)->state, (*what)->network)
        && (*what)->network == network)
      return true;
  }
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return false;
}

expected<std::vector<outbox_row>>
leveldb_reservation_store::outbox(std::uint64_t after, std::size_t count_max) {
  return read_numbered<outbox_row>(*db_, kind::outbox, after, count_max,
                                   read_outbox_row);
}

expected<std::vector<outbox_row>>
leveldb_reservation_store::parked(std::size_t count_max) {
  return read_numbered<outbox_row>(*db_, kind::parked, 0, count_max,
                                   read_outbox_row);
}

expected<std::vector<quarantined>>
leveldb_reservation_store::quarantine(std::string_view after,
                                      std::size_t count_max) {
  std::vector<quarantined> found;
  row_range rows{*db_, keys::prefix(kind::quarantine),
                 keys::named(kind::quarantine, after)};
  for (; rows.valid() && found.size() < count_max; rows.next()) {
    if (!after.empty() && rows.name() == after)
      continue;
    auto what = decode_quarantined(rows.value());
    // Shown as it is: a damaged row must not hide the others.
    if (!what)
      what
        = quarantined{.key = std::string{rows.name()}, .reason = what.error()};
    found.push_back(std::move(*what));
  }
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return found;
}

expected<std::vector<journal_entry>>
leveldb_reservation_store::journal(std::uint64_t after, std::size_t count_max) {
  // Begins behind the rows that were dropped, so as not to wade through them.
  const auto begin = std::max(after, numbers_.journal.first - 1);
  return read_numbered<journal_entry>(
    *db_, kind::journal, begin, count_max,
    [](std::uint64_t sequence, std::string_view bytes) {
      auto entry = decode_journal_entry(bytes);
      // Shown as it is: a damaged line must not hide the others.
      if (!entry)
        entry = journal_entry{.sequence = sequence,
                              .event = "damaged",
                              .text = entry.error().message};
      return entry;
    });
}

expected<std::uint64_t>
leveldb_reservation_store::journal_before(timestamp at) {
  auto first = numbers_.journal.first;
  auto behind = numbers_.journal.last + 1;
  while (first < behind) {
    const auto middle = first + (behind - first) / 2;
    const auto row = db_->get(keys::numbered(kind::journal, middle));
    if (!row)
      return fail(row.error());
    const auto entry = *row ? decode_journal_entry(**row)
                            : fail(errc::storage_corrupt, "line is missing");
    // A line that cannot be read says nothing of its time: pass over it.
    if (!entry || entry->at < at)
      first = middle + 1;
    else
      behind = middle;
  }
  return first - 1;
}

expected<std::vector<record>>
leveldb_reservation_store::list(std::string_view prefix, std::string_view after,
                                std::size_t count_max) {
  std::vector<record> found;
  row_range rows{*db_, keys::named(kind::state, prefix),
                 keys::named(kind::state, std::max(prefix, after))};
  for (; rows.valid() && found.size() < count_max; rows.next()) {
    if (!after.empty() && keys::name_of(rows.key()) <= after)
      continue;
    auto what = decode_state(rows.value());
    if (!what)
      return fail(named("record", keys::name_of(rows.key()), what.error()));
    found.push_back(std::move(*what));
  }
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return found;
}

expected<std::optional<std::vector<std::string>>>
leveldb_reservation_store::ids_of(listed_by what, std::string_view value,
                                  const id_range& range) {
  if (!numbers_.lists_are_whole)
    return std::optional<std::vector<std::string>>{};
  auto ids = read_list(*db_, what, value, range);
  if (!ids)
    return fail(ids.error());
  return std::optional{std::move(*ids)};
}

expected<std::uint64_t>
leveldb_reservation_store::cursor(std::string_view source) {
  const auto row = db_->get(keys::cursor(source));
  if (!row)
    return fail(row.error());
  if (!*row)
    return 0;
  const auto next = decode_number(**row);
  if (!next)
    return fail(named("cursor of source", source, next.error()));
  return *next;
}

error leveldb_reservation_store::for_each(
  const std::function<void(const record_summary&)>& visit) {
  row_range rows{*db_, keys::prefix(kind::state)};
  for (; rows.valid(); rows.next()) {
    const auto seen = decode_summary(rows.value());
    if (!seen)
      return named("record", rows.name(), seen.error());
    visit(*seen);
  }
  return rows.verdict();
}

expected<store_statistics> leveldb_reservation_store::count_rows() {
  store_statistics counts;
  const auto count = [&](kind which, std::uint64_t& number) {
    row_range rows{*db_, keys::prefix(which)};
    for (; rows.valid(); rows.next())
      ++number;
    return rows.verdict();
  };
  for (const auto& [which, number] :
       {std::pair{kind::outbox, &counts.outbox_rows},
        std::pair{kind::parked, &counts.parked_rows},
        std::pair{kind::quarantine, &counts.quarantined},
        std::pair{kind::tombstone, &counts.tombstones}})
    if (auto wrong = count(which, *number))
      return fail(std::move(wrong));
  return counts;
}

expected<store_statistics> leveldb_reservation_store::statistics() {
  if (!counts_) {
    const auto counts = count_rows();
    if (!counts)
      return fail(counts.error());
    counts_ = *counts;
  }
  return *counts_;
}

} // namespace provision
