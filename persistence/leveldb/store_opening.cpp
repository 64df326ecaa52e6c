#include "persistence/leveldb/store_opening.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/start_scan.hpp"
#include "persistence/leveldb/status.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

namespace {

using keys::kind;

error corrupt(const database& db, std::string_view row, const error& why) {
  return {errc::storage_corrupt, "store " + db.folder() + ": "
                                   + std::string{row} + ": " + why.message};
}

/// Drops the index rows of records that were set aside. Their state rows may
/// be unreadable, so the index is searched for their ids.
error drop_index_of(database& db, const std::set<std::string, std::less<>>& ids,
                    leveldb::WriteBatch& rows) {
  return scan_index(db, [&](std::string_view key, std::string_view id) {
    if (ids.contains(id))
      rows.Delete(to_slice(key));
  });
}

expected<std::uint64_t> number_behind(database& db, kind which) {
  const auto key = last_key(db, keys::prefix(which));
  if (!key)
    return fail(key.error());
  return keys::sequence_of(*key).value_or(0) + 1;
}

} // namespace

error prepare_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code reason;
  if (fs::is_directory(folder, reason))
    return {};
  if (fs::create_directories(folder, reason); !reason)
    fs::permissions(folder, fs::perms::owner_all, reason);
  if (!reason)
    return {};
  return {errc::storage_failure,
          "cannot create store folder " + folder + ": " + reason.message(),
          reason.value()};
}

error check_schema(database& db) {
  const auto row = db.get(keys::schema);
  if (!row)
    return row.error();
  if (!*row) {
    const auto rows = db.iterate();
    rows->SeekToFirst();
    if (!rows->Valid())
      return to_error(rows->status(), db.folder());
    return corrupt(db, keys::schema, {errc::storage_corrupt, "missing"});
  }
  const auto version = decode_number(**row);
  if (!version)
    return corrupt(db, keys::schema, version.error());
  if (*version > schema_version)
    return {errc::storage_too_new,
            "store " + db.folder() + " has format " + std::to_string(*version)
              + ", this program knows up to " + std::to_string(schema_version)};
  return {};
}

expected<bool> claim_store(database& db, const std::string& node_id) {
  const auto schema = db.get(keys::schema);
  if (!schema)
    return fail(schema.error());
  const auto row = db.get(keys::node);
  if (!row)
    return fail(row.error());
  if (*row) {
    const auto owner = decode_text(**row);
    if (!owner)
      return fail(corrupt(db, keys::node, owner.error()));
    if (*owner != node_id)
      return fail(errc::storage_foreign, "store " + db.folder()
                                           + " belongs to node " + *owner
                                           + ", this is node " + node_id);
    return false;
  }
  leveldb::WriteBatch rows;
  rows.Put(to_slice(keys::schema), encode_number(schema_version));
  rows.Put(to_slice(keys::node), encode_text(node_id));
  if (auto wrong = db.write(rows, /*sync=*/true))
    return fail(std::move(wrong));
  return !*schema;
}

expected<recovery_report> recover(database& db, timestamp now) {
  recovery_report report;
  leveldb::WriteBatch rows;
  std::set<std::string, std::less<>> lost;
  error failed;
  const auto good = [&](const record_summary& seen) {
    ++report.live_records;
    report.next_sequence = std::max(report.next_sequence, seen.sequence + 1);
  };
  const auto bad_row = [&](damaged_rows damage) {
    if (auto wrong = set_aside(db, damage, rows))
      failed = std::move(wrong);
    report.salvaged.push_back(std::move(damage.notice));
  };
  const auto bad_record = [&](damaged_rows damage) {
    lost.insert(damage.notice.key);
    bad_row(std::move(damage));
  };
  if (auto wrong = scan_records(db, now, good, bad_record))
    return fail(std::move(wrong));
  if (auto wrong = scan_small_rows(db, now, bad_row))
    return fail(std::move(wrong));
  if (failed)
    return fail(std::move(failed));
  if (report.salvaged.empty())
    return report;
  if (auto wrong = lost.empty() ? error{} : drop_index_of(db, lost, rows))
    return fail(std::move(wrong));
  if (auto wrong = db.write(rows, /*sync=*/true))
    return fail(std::move(wrong));
  return report;
}

expected<row_numbers> restore_numbers(database& db) {
  row_numbers numbers;
  for (const auto which : {kind::outbox, kind::parked}) {
    const auto next = number_behind(db, which);
    if (!next)
      return fail(next.error());
    numbers.outbox_next = std::max(numbers.outbox_next, *next);
    if (which == kind::parked)
      numbers.parked_next = *next;
  }
  return numbers;
}

} // namespace provision
