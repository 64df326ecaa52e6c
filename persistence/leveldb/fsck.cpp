#include "persistence/leveldb/fsck.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "persistence/folder_lock.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/list_index.hpp"
#include "persistence/leveldb/salvage/row.hpp"
#include "persistence/leveldb/salvage_store.hpp"
#include "persistence/leveldb/start_scan.hpp"
#include "persistence/leveldb/status.hpp"
#include "persistence/leveldb/store_opening.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

namespace {

using keys::kind;

using salvage::printable;

/// One examination; finds and, if asked to, repairs.
class examination {
public:
  examination(database& db, bool repair, timestamp now, fsck_report& report)
    : db_{db}, repair_{repair}, now_{now}, report_{report} {}

  /// Everything in its order: a repaired step is the ground of the next.
  error run();

private:
  error check_meta();
  error check_records();
  error check_returned();
  error check_plain_rows();
  error check_index();
  /// Whether the rows that records are listed by are there, or the next start
  /// makes them.
  expected<bool> has_lists();
  /// Writes what the last step wants changed.
  error commit();

  void found(std::string what_kind, std::string_view key, std::string what);
  void found_damage(std::string what_kind, damaged_rows damage);
  void check_plain_row(std::string_view key, std::string_view value);

  database& db_;
  bool repair_;
  timestamp now_;
  fsck_report& report_;
  leveldb::WriteBatch changes_;
  error failed_;
};

void examination::found(std::string what_kind, std::string_view key,
                        std::string what) {
  report_.problems.push_back(
    {std::move(what_kind), printable(key), std::move(what), repair_});
}

void examination::found_damage(std::string what_kind, damaged_rows damage) {
  for (const auto& key : damage.keys)
    found(what_kind, key, damage.notice.reason.message);
  if (repair_)
    if (auto wrong = set_aside(db_, damage, changes_))
      failed_ = std::move(wrong);
}

error examination::commit() {
  if (failed_)
    return failed_;
  if (!repair_)
    return {};
  auto wrong = db_.write(changes_, /*sync=*/true);
  changes_.Clear();
  return wrong;
}

error examination::check_meta() {
  const auto schema = db_.get(keys::schema);
  if (!schema)
    return schema.error();
  if (!*schema || !decode_number(**schema)) {
    found("meta", keys::schema, *schema ? "damaged" : "missing");
    changes_.Put(to_slice(keys::schema), encode_number(schema_version));
  }
  const auto node = db_.get(keys::node);
  if (!node)
    return node.error();
  if (*node && !decode_text(**node)) {
    found("meta", keys::node,
          "damaged; the next node that opens the store owns it");
    changes_.Delete(to_slice(keys::node));
  }
  return commit();
}

error examination::check_records() {
  const auto bad = [this](damaged_rows damage) {
    found_damage("record", std::move(damage));
  };
  if (auto wrong = scan_records(
        db_, now_, [](const record_summary&) {}, bad))
    return wrong;
  return commit();
}

error examination::check_returned() {
  row_range stones{db_, keys::prefix(kind::tombstone)};
  for (; stones.valid(); stones.next()) {
    const auto stone = decode_tombstone(stones.value());
    const auto state_key = keys::named(kind::state, stones.name());
    const auto row = db_.get(state_key);
    if (!row)
      return row.error();
    if (!stone || !*row)
      continue;
    const auto record = decode_state(**row);
    if (!record || record->accepted_at > stone->gone_at
        || record->version > stone->version)
      continue;
    damaged_rows damage;
    damage.keys = {state_key, keys::named(kind::received, stones.name())};
    damage.notice.key = record->id;
    damage.notice.source = record->source;
    damage.notice.since = now_;
    damage.notice.reason
      = {errc::storage_corrupt,
         "record " + record->id + ": came back although it is gone"};
    found_damage("record", std::move(damage));
  }
  if (auto wrong = stones.verdict())
    return wrong;
  return commit();
}

void examination::check_plain_row(std::string_view key,
                                  std::string_view value) {
  const auto damaged = [&](const char* what_kind, const error& why) {
    damaged_rows damage;
    damage.keys.emplace_back(key);
    damage.notice.key = printable(key);
    damage.notice.reason = why;
    damage.notice.since = now_;
    found_damage(what_kind, std::move(damage));
  };
  const auto check = [&](const char* what_kind, const auto& decoded) {
    if (!decoded)
      damaged(what_kind, decoded.error());
  };
  const auto what = keys::kind_of(key);
  if (!what) {
    // Not ours: shown, and left alone.
    report_.problems.push_back(
      {"unknown", printable(key), "no such kind of row", false});
    return;
  }
  ++report_.rows[static_cast<char>(*what)];
  if (what == kind::outbox)
    check("outbox", decode_outbox_row(value));
  else if (what == kind::parked)
    check("parked", decode_outbox_row(value));
  else if (what == kind::journal)
    check("journal", decode_journal_entry(value));
  else if (what == kind::tombstone)
    check("tombstone", decode_tombstone(value));
  else if (what == kind::quarantine)
    check("quarantine", decode_quarantined(value));
  else if (key == keys::journal_seal)
    check("meta", decode_journal_seal(value));
  else if (key == keys::listed)
    check("meta", decode_number(value));
  else if (key.starts_with(keys::cursor_prefix))
    check("meta", decode_number(value));
}

error examination::check_plain_rows() {
  row_range rows{db_, {}};
  for (; rows.valid(); rows.next())
    check_plain_row(rows.key(), rows.value());
  if (auto wrong = rows.verdict())
    return wrong;
  return commit();
}

expected<bool> examination::has_lists() {
  const auto row = db_.get(keys::journal_seal);
  if (!row)
    return fail(row.error());
  const auto seal = decode_journal_seal(row->value_or(std::string{}));
  return seal ? lists_are_whole(db_, seal->last) : false;
}

error examination::check_index() {
  const auto lists = has_lists();
  if (!lists)
    return lists.error();
  const auto is_checked = [&](std::string_view key) {
    const auto what = keys::kind_of(key);
    return *lists || (what != kind::user && what != kind::type);
  };
  const auto dangling = [&](std::string_view key, std::string_view id) {
    if (!is_checked(key))
      return;
    const auto row = db_.get(keys::named(kind::state, id));
    if (!row)
      failed_ = row.error();
    if (!row || (*row && !decode_summary(**row)))
      return;
    const auto own = *row ? index_rows_of(*decode_summary(**row))
                          : std::vector<std::string>{};
    if (std::find(own.begin(), own.end(), key) != own.end())
      return;
    found("index", key, "points to no record in that state");
    changes_.Delete(to_slice(key));
  };
  if (auto wrong = scan_index(db_, dangling))
    return wrong;
  row_range states{db_, keys::prefix(kind::state)};
  for (; states.valid(); states.next()) {
    const auto record = decode_summary(states.value());
    if (!record)
      continue;
    for (const auto& key : index_rows_of(*record)) {
      if (!is_checked(key))
        continue;
      const auto row = db_.get(key);
      if (!row)
        return row.error();
      const bool work = keys::kind_of(key) == kind::work;
      if (*row && (!work || **row == record->id))
        continue;
      found("index", key, "missing for record " + std::string{record->id});
      changes_.Put(key, work ? to_slice(record->id) : leveldb::Slice{});
    }
  }
  if (auto wrong = states.verdict())
    return wrong;
  return commit();
}

error examination::run() {
  if (auto wrong = check_meta())
    return wrong;
  if (auto wrong = check_records())
    return wrong;
  if (auto wrong = check_plain_rows())
    return wrong;
  if (auto wrong = check_returned())
    return wrong;
  return check_index();
}

/// Examines the store once; errc::storage_corrupt if LevelDB's own files are
/// damaged.
expected<fsck_report> examine(const std::string& folder, bool repair,
                              timestamp now) {
  auto db = database::open(folder, database::missing::refuse);
  if (!db)
    return fail(db.error());
  if (auto wrong = check_schema(**db); wrong.code == errc::storage_too_new)
    return fail(std::move(wrong));
  fsck_report report;
  if (auto wrong = examination{**db, repair, now, report}.run())
    return fail(std::move(wrong));
  return report;
}

/// Copies the rows to a fresh database, repairs that one, and only then puts it
/// in the place of the damaged one.
expected<fsck_report> rescue(const std::string& folder, fsck_problem cause,
                             timestamp now) {
  const auto fresh = salvage_store(folder);
  if (!fresh)
    return fail(fresh.error());
  // From the moment when it is in its place no daemon may begin with it.
  const auto lock = lock_store(fresh->folder);
  if (!lock)
    return fail(lock.error());
  auto report = examine(fresh->folder, /*repair=*/true, now);
  if (!report)
    return report;
  auto kept = take_place(*fresh, folder);
  if (!kept)
    return fail(kept.error());
  report->rebuilt = true;
  report->kept_at = std::move(*kept);
  std::vector<fsck_problem> all{std::move(cause)};
  for (const auto& note : fresh->notes)
    all.push_back({"database", folder, note, true});
  report->problems.insert(report->problems.begin(), all.begin(), all.end());
  return report;
}

} // namespace

bool fsck_report::clean() const noexcept {
  return std::all_of(
    problems.begin(), problems.end(),
    [](const fsck_problem& problem) { return problem.repaired; });
}

expected<fsck_report> fsck(const std::string& folder, bool repair,
                           timestamp now) {
  auto lock = lock_store(folder);
  if (!lock)
    return fail(lock.error());
  auto report = examine(folder, repair, now);
  if (report || report.error().code != errc::storage_corrupt)
    return report;
  const fsck_problem rebuild{"database", folder, report.error().message,
                             repair};
  if (!repair) {
    report = fsck_report{};
    report->problems.push_back(rebuild);
    return report;
  }
  return rescue(folder, rebuild, now);
}

} // namespace provision
