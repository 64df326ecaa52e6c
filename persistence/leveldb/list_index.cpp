#include "persistence/leveldb/list_index.hpp"

#include <algorithm>
#include <cstddef>

#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/status.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

namespace {

using keys::kind;

/// Rows that are written at once.
constexpr std::size_t batch_bytes_max = std::size_t{1} << 20U;

/// Collects changes and writes them in batches; the last one is synced, and
/// all others reach the disk before it.
class batched_changes {
public:
  explicit batched_changes(database& db) : db_{db} {}

  void put(const std::string& key, std::string_view value = {}) {
    rows_.Put(key, to_slice(value));
    flush_if_large();
  }
  void drop(std::string_view key) {
    rows_.Delete(to_slice(key));
    flush_if_large();
  }
  const error& failed() const noexcept { return failed_; }
  error finish() { return failed_ ? failed_ : db_.write(rows_, /*sync=*/true); }

private:
  void flush_if_large() {
    if (failed_ || rows_.ApproximateSize() < batch_bytes_max)
      return;
    failed_ = db_.write(rows_, /*sync=*/false);
    rows_.Clear();
  }

  database& db_;
  leveldb::WriteBatch rows_;
  error failed_;
};

error drop_lists(database& db, batched_changes& changes) {
  changes.drop(keys::listed);
  for (const auto which : {kind::user, kind::type}) {
    row_range rows{db, keys::prefix(which)};
    for (; rows.valid() && !changes.failed(); rows.next())
      changes.drop(rows.key());
    if (auto wrong = rows.verdict())
      return wrong;
  }
  return {};
}

error fill_lists(database& db, batched_changes& changes) {
  row_range states{db, keys::prefix(kind::state)};
  for (; states.valid() && !changes.failed(); states.next()) {
    const auto seen = decode_summary(states.value());
    // What is damaged was set aside before, or is no record of any list.
    if (!seen)
      continue;
    for (const auto& key : list_rows_of(*seen))
      changes.put(key);
  }
  return states.verdict();
}

} // namespace

std::vector<std::string> list_rows_of(const record_summary& what) {
  std::vector<std::string> own;
  if (!what.user.empty())
    own.push_back(keys::grouped(kind::user, what.user, what.id));
  if (!what.type.empty())
    own.push_back(keys::grouped(kind::type, what.type, what.id));
  return own;
}

expected<bool> lists_are_whole(database& db, std::uint64_t last) {
  const auto row = db.get(keys::listed);
  if (!row)
    return fail(row.error());
  if (!*row)
    return false;
  const auto complete_to = decode_number(**row);
  return complete_to && *complete_to == last;
}

error complete_lists(database& db, std::uint64_t last) {
  const auto whole = lists_are_whole(db, last);
  if (!whole)
    return whole.error();
  if (*whole)
    return {};
  batched_changes changes{db};
  if (auto wrong = drop_lists(db, changes))
    return wrong;
  if (auto wrong = fill_lists(db, changes))
    return wrong;
  changes.put(std::string{keys::listed}, encode_number(last));
  return changes.finish();
}

expected<std::vector<std::string>> read_list(database& db, listed_by what,
                                             std::string_view value,
                                             const id_range& range) {
  const auto which = what == listed_by::user ? kind::user : kind::type;
  const auto group = keys::group_prefix(which, value);
  const auto begin = std::max(range.prefix, range.after);
  row_range rows{db, group + std::string{range.prefix},
                 group + std::string{begin}};
  std::vector<std::string> ids;
  for (; rows.valid() && ids.size() < range.count_max; rows.next()) {
    const auto id = rows.key().substr(group.size());
    // Ids hold no slash: the row is of a group whose name goes on behind one.
    const bool is_foreign = id.find('/') != std::string_view::npos;
    if (!is_foreign && (range.after.empty() || id > range.after))
      ids.emplace_back(id);
  }
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return ids;
}

} // namespace provision
