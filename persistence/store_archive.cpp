#include "persistence/store_archive.hpp"

#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <optional>
#include <ostream>
#include <system_error>

#include "identity/digest.hpp"
#include "messages/whole_file.hpp"
#include "persistence/folder_lock.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/fsck.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/status.hpp"
#include "persistence/leveldb/store_disk.hpp"
#include "persistence/leveldb/store_opening.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view heading = "provisiond state 1\n";
/// The store writes no such key: the mark is a file of its own.
constexpr std::string_view mark_key = "file/in_flight";
/// Larger than any row is.
constexpr std::uint64_t field_bytes_max = std::uint64_t{256} << 20U;
constexpr std::size_t batch_bytes_max = std::size_t{1} << 20U;

error broken(const std::string& what) {
  return {errc::malformed_input, "the file " + what};
}

std::string number_text(std::uint64_t value) {
  constexpr std::uint64_t more = 0x80;
  std::string text;
  for (; value >= more; value >>= 7U)
    text.push_back(static_cast<char>(value | more));
  text.push_back(static_cast<char>(value));
  return text;
}

/// A hash that every row is hashed into, in order.
class running_hash {
public:
  void add(std::string_view key, std::string_view value) {
    now_ = digest(now_ + number_text(key.size()) + std::string{key}
                  + std::string{value});
  }
  const std::string& value() const noexcept { return now_; }

private:
  std::string now_ = std::string(digest_size, '\0');
};

class archive_writer {
public:
  explicit archive_writer(std::ostream& out) : out_{out} { out_ << heading; }

  void add(std::string_view key, std::string_view value) {
    field(key);
    field(value);
    hash_.add(key, value);
    ++rows_;
  }
  void finish() {
    field({});
    out_ << number_text(rows_) << hash_.value() << std::flush;
  }
  std::uint64_t rows() const noexcept { return rows_; }

private:
  void field(std::string_view bytes) {
    out_ << number_text(bytes.size()) << bytes;
  }

  std::ostream& out_;
  running_hash hash_ = {};
  std::uint64_t rows_ = 0;
};

class archive_reader {
public:
  explicit archive_reader(std::istream& in) : in_{in} {}

  bool begins_well() {
    std::string found(heading.size(), '\0');
    return in_.read(found.data(), static_cast<std::streamsize>(found.size()))
           && found == heading;
  }
  /// Nothing at the end of the rows; the error if the file is not whole.
  expected<bool> next(std::string& key, std::string& value) {
    if (!field(key))
      return fail(broken("is cut off"));
    if (key.empty())
      return false;
    if (!field(value))
      return fail(broken("is cut off"));
    hash_.add(key, value);
    ++rows_;
    return true;
  }
  /// After the last row.
  error verdict() {
    const auto rows = number();
    std::string hash(digest_size, '\0');
    if (!rows
        || !in_.read(hash.data(), static_cast<std::streamsize>(hash.size())))
      return broken("is cut off");
    if (*rows != rows_ || hash != hash_.value())
      return broken("was changed: its hash does not match");
    if (in_.peek() != std::istream::traits_type::eof())
      return broken("has bytes behind its end");
    return {};
  }

private:
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const auto byte = in_.get();
      if (byte == std::istream::traits_type::eof())
        return std::nullopt;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
    return std::nullopt;
  }
  bool field(std::string& bytes) {
    const auto size = number();
    if (!size || *size > field_bytes_max)
      return false;
    // Grown as it comes: a length that lies costs no memory.
    bytes.clear();
    constexpr std::uint64_t step = 65536;
    while (bytes.size() < *size) {
      const auto old = bytes.size();
      bytes.resize(old + std::min<std::uint64_t>(step, *size - old));
      if (!in_.read(bytes.data() + old,
                    static_cast<std::streamsize>(bytes.size() - old)))
        return false;
    }
    return true;
  }

  std::istream& in_;
  running_hash hash_ = {};
  std::uint64_t rows_ = 0;
};

expected<std::string> owner_of(database& db) {
  const auto row = db.get(keys::node);
  if (!row)
    return fail(row.error());
  auto id = decode_text(row->value_or(std::string{}));
  return id ? *id : std::string{};
}

/// All rows of the file into a fresh database in `folder`.
expected<archived_store> fill(archive_reader& from, const std::string& folder) {
  auto db = database::open(folder, database::missing::create);
  if (!db)
    return fail(db.error());
  archived_store made;
  leveldb::WriteBatch batch;
  std::string key;
  std::string value;
  for (;;) {
    const auto more = from.next(key, value);
    if (!more)
      return fail(more.error());
    if (!*more)
      break;
    ++made.rows;
    if (key == mark_key)
      std::ofstream{folder + "/in_flight", std::ios::binary} << value;
    else
      batch.Put(key, value);
    if (batch.ApproximateSize() < batch_bytes_max)
      continue;
    if (auto wrong = (*db)->write(batch, /*sync=*/false))
      return fail(std::move(wrong));
    batch.Clear();
  }
  if (auto wrong = from.verdict())
    return fail(std::move(wrong));
  if (auto wrong = (*db)->write(batch, /*sync=*/true))
    return fail(std::move(wrong));
  if (auto wrong = check_schema(**db))
    return fail(std::move(wrong));
  auto owner = owner_of(**db);
  if (!owner)
    return fail(owner.error());
  made.node_id = std::move(*owner);
  return made;
}

/// The next start makes these rows from the others.
bool is_made_anew(std::string_view key) {
  const auto what = keys::kind_of(key);
  return what == keys::kind::user || what == keys::kind::type
         || key == keys::listed;
}

error check_rows(const std::string& folder) {
  const auto report = fsck(folder, /*repair=*/false, {});
  if (!report)
    return report.error();
  if (report->clean())
    return {};
  const auto& first = report->problems.front();
  return {errc::storage_corrupt, std::to_string(report->problems.size())
                                   + " rows are damaged, the first is "
                                   + first.row + ": " + first.what};
}

} // namespace

expected<archived_store> write_archive(const std::string& folder,
                                       std::ostream& out) {
  const auto lock = lock_store(folder);
  if (!lock)
    return fail(lock.error());
  const auto db = database::open(folder, database::missing::refuse);
  if (!db)
    return fail(db.error());
  auto owner = owner_of(**db);
  if (!owner)
    return fail(owner.error());
  archive_writer to{out};
  row_range rows{**db, {}};
  for (; rows.valid(); rows.next())
    if (!is_made_anew(rows.key()))
      to.add(rows.key(), rows.value());
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  const auto mark = whole_file(folder + "/in_flight");
  if (mark && !mark->empty())
    to.add(mark_key, *mark);
  to.finish();
  if (!out)
    return fail(errc::storage_failure, "the file cannot be written");
  return archived_store{std::move(*owner), to.rows()};
}

expected<archived_store> read_archive(std::istream& in,
                                      const std::string& folder) {
  archive_reader from{in};
  if (!from.begins_well())
    return fail(broken("holds no state of a node"));
  std::error_code reason;
  if (fs::exists(folder, reason) && !fs::is_empty(folder, reason))
    return fail(errc::already_exists, folder + " is not empty");
  const auto fresh = folder + ".import";
  fs::remove_all(fresh, reason);
  if (auto wrong = prepare_folder(fresh))
    return fail(std::move(wrong));
  auto made = fill(from, fresh);
  if (made)
    if (auto wrong = check_rows(fresh))
      made = fail(std::move(wrong));
  if (made && host_disk().sync_folder(fresh).ok())
    fs::rename(fresh, folder, reason);
  if (!made || reason)
    fs::remove_all(fresh, reason);
  if (made && !fs::exists(folder + "/CURRENT", reason))
    return fail(errc::storage_failure, "cannot make " + folder);
  if (made)
    host_disk().sync_folder(fs::path{folder}.parent_path().string());
  return made;
}

} // namespace provision
