#include "persistence/leveldb/salvage_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <stdio.h>

#include "messages/whole_file.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/salvage/log_reader.hpp"
#include "persistence/leveldb/salvage/table_reader.hpp"
#include "persistence/leveldb/status.hpp"
#include "persistence/leveldb/store_disk.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

namespace {

namespace fs = std::filesystem;
using keys::kind;

/// Rows that reach the fresh database at once.
constexpr std::size_t batch_bytes_max = std::size_t{1} << 20U;

error io_error(const std::string& what, int reason) {
  return {errc::storage_failure, what + ": " + std::strerror(reason), reason};
}

/// The key under which a sound value belongs, as far as the value says;
/// nothing if it is damaged or does not say.
std::optional<std::string> key_told_by(kind what, std::string_view value) {
  if (what == kind::state) {
    if (const auto row = decode_state(value))
      return keys::named(what, row->id);
  } else if (what == kind::tombstone) {
    if (const auto row = decode_tombstone(value))
      return keys::named(what, row->id);
  } else if (what == kind::outbox || what == kind::parked) {
    if (const auto row = decode_outbox_row(value))
      return keys::numbered(what, row->sequence);
  } else if (what == kind::journal) {
    if (const auto row = decode_journal_entry(value))
      return keys::numbered(what, row->sequence);
  }
  return std::nullopt;
}

/// Fills the fresh database: of several changes of a key the last one counts.
class copier {
public:
  explicit copier(database& to) : to_{to} {}

  void take(const salvage::row& row);
  error finish();

private:
  /// 0: older than every other change of the key.
  void put(const std::string& key, std::uint64_t sequence,
           const salvage::row& row);

  database& to_;
  leveldb::WriteBatch batch_;
  std::unordered_map<std::string, std::uint64_t> newest_ = {};
  error failed_ = {};
};

void copier::take(const salvage::row& row) {
  if (!row.is_doubtful)
    return put(row.key, row.sequence + 1, row);
  // In a damaged block a key may be wrong, and a deletion may be none.
  const auto what = keys::kind_of(row.key);
  if (!what || row.is_deletion)
    return;
  const auto told = key_told_by(*what, row.value);
  if (!told || *told == row.key)
    put(row.key, row.sequence + 1, row);
  else
    // The number stands behind the key and is not to be trusted either.
    put(*told, 0, row);
}

void copier::put(const std::string& key, std::uint64_t sequence,
                 const salvage::row& row) {
  const auto [known, is_new] = newest_.try_emplace(key, sequence);
  if (!is_new && known->second >= sequence)
    return;
  known->second = sequence;
  if (row.is_deletion)
    batch_.Delete(key);
  else
    batch_.Put(key, to_slice(row.value));
  if (batch_.ApproximateSize() < batch_bytes_max || failed_)
    return;
  failed_ = to_.write(batch_, /*sync=*/false);
  batch_.Clear();
}

error copier::finish() {
  return failed_ ? failed_ : to_.write(batch_, /*sync=*/true);
}

/// Tables and logs, by name: older ones first.
expected<std::vector<fs::path>> files_with_rows(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code reason;
  for (const auto& file : fs::directory_iterator{folder, reason}) {
    const auto kind = file.path().extension();
    if (kind == ".ldb" || kind == ".sst" || kind == ".log")
      files.push_back(file.path());
  }
  if (reason)
    return fail(errc::storage_failure,
                "cannot list " + folder + ": " + reason.message(),
                reason.value());
  std::sort(files.begin(), files.end());
  return files;
}

error copy_rows(const std::string& folder, database& to,
                std::vector<std::string>& notes) {
  const auto files = files_with_rows(folder);
  if (!files)
    return files.error();
  copier rows{to};
  for (const auto& path : *files) {
    auto bytes = whole_file(path.string());
    if (!bytes)
      return bytes.error();
    const auto name = path.filename().string();
    const salvage::findings found{
      .take = [&](const salvage::row& row) { rows.take(row); },
      .tell = [&](std::string note) { notes.push_back(name + ": " + note); }};
    if (path.extension() == ".log")
      salvage::read_log(std::move(*bytes), found);
    else
      salvage::read_table(std::move(*bytes), found);
  }
  return rows.finish();
}

/// What was in flight is known after the salvage, too.
error copy_mark(const std::string& from, const std::string& to) {
  std::error_code reason;
  if (!fs::exists(from + "/in_flight", reason))
    return {};
  fs::copy_file(from + "/in_flight", to + "/in_flight", reason);
  return reason
           ? error{errc::storage_failure,
                   "cannot copy " + from + "/in_flight: " + reason.message(),
                   reason.value()}
           : error{};
}

/// "<folder>.damaged-<n>" with the first n that is free.
std::string free_name(const std::string& folder) {
  for (unsigned n = 1;; ++n) {
    auto name = folder + ".damaged-" + std::to_string(n);
    std::error_code ignored;
    if (fs::symlink_status(name, ignored).type() == fs::file_type::not_found)
      return name;
  }
}

error sync_parent(const std::string& folder) {
  const auto parent = fs::path{folder}.parent_path().string();
  return to_error(host_disk().sync_folder(parent.empty() ? "." : parent),
                  folder);
}

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/')
    folder.pop_back();
  return folder;
}

} // namespace

expected<salvaged_store> salvage_store(const std::string& folder) {
  salvaged_store made{.folder = without_slash(folder) + ".salvage"};
  std::error_code reason;
  // An earlier salvage that was cut short.
  fs::remove_all(made.folder, reason);
  if (!reason && fs::create_directory(made.folder, reason))
    fs::permissions(made.folder, fs::perms::owner_all, reason);
  if (reason)
    return fail(errc::storage_failure,
                "cannot make " + made.folder + ": " + reason.message(),
                reason.value());
  auto db = database::open(made.folder, database::missing::create);
  if (!db)
    return fail(db.error());
  if (auto wrong = copy_rows(folder, **db, made.notes))
    return fail(std::move(wrong));
  if (auto wrong = copy_mark(folder, made.folder))
    return fail(std::move(wrong));
  return made;
}

// Step by step: the fresh folder gets the name that the damaged one will have,
// then the two change places. A crash in between leaves the damaged store where
// it was, and beside it a copy that the next salvage does not need.
expected<std::string> take_place(const salvaged_store& fresh,
                                 const std::string& place) {
  const auto folder = without_slash(place);
  if (auto synced = host_disk().sync_folder(fresh.folder); !synced.ok())
    return fail(to_error(synced, fresh.folder));
  auto kept = free_name(folder);
  if (::rename(fresh.folder.c_str(), kept.c_str()) != 0)
    return fail(io_error("cannot rename " + fresh.folder, errno));
  if (auto wrong = sync_parent(folder))
    return fail(std::move(wrong));
  if (::renameat2(AT_FDCWD, kept.c_str(), AT_FDCWD, folder.c_str(),
                  RENAME_EXCHANGE)
      != 0)
    return fail(io_error("cannot exchange " + folder + " and " + kept, errno));
  if (auto wrong = sync_parent(folder))
    return fail(std::move(wrong));
  return kept;
}

} // namespace provision
