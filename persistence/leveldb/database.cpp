#include "persistence/leveldb/database.hpp"

#include <cerrno>
#include <utility>
#include <vector>

#include <leveldb/options.h>

#include "persistence/leveldb/status.hpp"

namespace provision {

namespace {

constexpr std::size_t block_cache_bytes = std::size_t{8} << 20U;
constexpr int open_files_max = 256;
constexpr int bloom_bits_per_key = 10;

leveldb::Options plain_options(leveldb::Env* env,
                               std::size_t write_buffer_bytes) {
  leveldb::Options options;
  options.env = env;
  options.paranoid_checks = true;
  options.compression = leveldb::kNoCompression;
  options.write_buffer_size = write_buffer_bytes;
  options.max_open_files = open_files_max;
  return options;
}

leveldb::ReadOptions careful_read() {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

/// Without CURRENT LevelDB would begin an empty store and delete what is
/// there. (A folder that has no table yet is a first start cut short.)
bool lost_its_head(leveldb::Env& env, const std::string& folder) {
  if (env.FileExists(folder + "/CURRENT"))
    return false;
  // A folder that cannot be listed fails at the open, with its reason.
  std::vector<std::string> names;
  env.GetChildren(folder, &names);
  for (const std::string_view name : names) {
    std::uint64_t size = 0;
    if (name.ends_with(".ldb") || name.ends_with(".sst")
        || (name.ends_with(".log")
            && env.GetFileSize(folder + "/" + std::string{name}, &size).ok()
            && size > 0))
      return true;
  }
  return false;
}

error opening_error(const leveldb::Status& status, const std::string& folder) {
  if (status.IsIOError()
      && status.ToString().find("/LOCK: ") != std::string::npos
      && (status.ToString().find("already held") != std::string::npos
          || status.ToString().find("temporarily unavailable")
               != std::string::npos))
    return {errc::storage_locked,
            "store " + folder + " is in use by another LevelDB program",
            EAGAIN};
  return to_error(status, folder);
}

} // namespace

database::database(std::string folder, store_disk& disk,
                   std::size_t write_buffer_bytes)
  : folder_{std::move(folder)}, disk_{disk},
    write_buffer_bytes_{write_buffer_bytes}, env_{disk},
    filter_{leveldb::NewBloomFilterPolicy(bloom_bits_per_key)},
    cache_{leveldb::NewLRUCache(block_cache_bytes)} {
}

expected<std::unique_ptr<database>> database::open(std::string folder,
                                                   missing if_missing,
                                                   store_disk& disk,
                                                   std::size_t buffer_bytes) {
  if (lost_its_head(disk.env(), folder))
    return fail(errc::storage_corrupt,
                "store " + folder + ": file CURRENT is missing");
  std::unique_ptr<database> db{
    new database{std::move(folder), disk, buffer_bytes}};
  if (auto status = db->start(if_missing); !status.ok())
    return fail(opening_error(status, db->folder_));
  return db;
}

leveldb::Status database::start(missing if_missing) {
  auto options = plain_options(&env_, write_buffer_bytes_);
  options.create_if_missing = if_missing == missing::create;
  options.filter_policy = filter_.get();
  options.block_cache = cache_.get();
  leveldb::DB* opened = nullptr;
  auto status = leveldb::DB::Open(options, folder_, &opened);
  db_.reset(opened);
  if (status.ok())
    env_.mark();
  return status;
}

void database::compact() {
  db_->CompactRange(nullptr, nullptr);
}

void database::close() {
  if (db_ != nullptr)
    disk_.finish_background();
  db_.reset();
}

error database::reopen() {
  if (broken_.code == errc::disk_full && db_ != nullptr) {
    // While the disk is full the old database still serves readers.
    // Opening needs room: the old log becomes a table.
    const auto space = disk_.free_bytes(folder_);
    if (space && *space < room_to_reopen())
      return broken_;
  }
  close();
  // Closing may have flushed what was buffered.
  if (auto wrong = env_.rewind())
    return wrong;
  if (auto status = start(missing::refuse); !status.ok())
    return broken_ = to_error(status, folder_);
  broken_ = {};
  return {};
}

expected<std::optional<std::string>> database::get(std::string_view key) {
  if (db_ == nullptr)
    if (auto wrong = reopen())
      return fail(std::move(wrong));
  std::string value;
  const auto status = db_->Get(careful_read(), to_slice(key), &value);
  if (status.IsNotFound())
    return std::optional<std::string>{};
  if (!status.ok())
    return fail(to_error(status, folder_));
  return std::optional{std::move(value)};
}

error database::write(leveldb::WriteBatch& rows, bool sync) {
  if (broken_)
    if (auto wrong = reopen())
      return wrong;
  leveldb::WriteOptions options;
  options.sync = sync;
  const auto status = db_->Write(options, &rows);
  if (status.ok()) {
    env_.mark();
    return {};
  }
  broken_ = to_error(status, folder_);
  if (broken_.code == errc::disk_full)
    broken_.message
      += ", at least " + std::to_string(room_to_reopen() >> 20U) + " MiB";
  if (auto wrong = env_.rewind())
    broken_.message += "; " + wrong.message;
  return broken_;
}

std::unique_ptr<leveldb::Iterator> database::iterate() {
  using rows = std::unique_ptr<leveldb::Iterator>;
  if (db_ == nullptr)
    if (const auto wrong = reopen())
      return rows{
        leveldb::NewErrorIterator(leveldb::Status::IOError(wrong.message))};
  auto options = careful_read();
  options.fill_cache = false;
  return rows{db_->NewIterator(options)};
}

row_range::row_range(database& db, std::string prefix)
  : db_{db}, prefix_{std::move(prefix)}, rows_{db.iterate()} {
  rows_->Seek(prefix_);
}

row_range::row_range(database& db, std::string prefix, std::string_view from)
  : db_{db}, prefix_{std::move(prefix)}, rows_{db.iterate()} {
  rows_->Seek(to_slice(from));
}

bool row_range::valid() const {
  return rows_->Valid() && rows_->key().starts_with(prefix_);
}

std::string_view row_range::key() const {
  return to_view(rows_->key());
}

std::string_view row_range::name() const {
  return key().substr(prefix_.size());
}

std::string_view row_range::value() const {
  return to_view(rows_->value());
}

error row_range::verdict() const {
  return to_error(rows_->status(), db_.folder());
}

expected<std::string> last_key(database& db, const std::string& prefix) {
  auto past = prefix;
  ++past.back();
  const auto rows = db.iterate();
  rows->Seek(past);
  if (rows->Valid())
    rows->Prev();
  else
    rows->SeekToLast();
  if (!rows->status().ok())
    return fail(to_error(rows->status(), db.folder()));
  if (!rows->Valid() || !rows->key().starts_with(prefix))
    return std::string{};
  return rows->key().ToString();
}

} // namespace provision
