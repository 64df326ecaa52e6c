#include "persistence/leveldb/leveldb_reservation_store.hpp"

#include <utility>

#include "persistence/leveldb/journal_chain.hpp"
#include "persistence/leveldb/leveldb_store.hpp"
#include "persistence/leveldb/list_index.hpp"
#include "persistence/leveldb/store_opening.hpp"

namespace provision {

namespace {

expected<std::unique_ptr<reservation_store>>
open_locked(folder_lock lock, store_disk& disk, const std::string& folder,
            const std::string& node_id, timestamp now,
            const leveldb_store_settings& settings) {
  auto db = database::open(folder, database::missing::create, disk,
                           settings.write_buffer_bytes);
  if (!db)
    return fail(db.error());
  if (auto wrong = check_schema(**db))
    return fail(std::move(wrong));
  const auto created = claim_store(**db, node_id);
  if (!created)
    return fail(created.error());
  auto found = recover(**db, now);
  if (!found)
    return fail(found.error());
  found->created = *created;
  auto numbers = restore_numbers(**db);
  if (!numbers)
    return fail(numbers.error());
  const auto* signs = settings.signs.get();
  auto chain = *created ? begin_chain(**db, signs)
                        : continue_chain(**db, node_id, now, signs);
  if (!chain)
    return fail(chain.error());
  numbers->journal = std::move(*chain);
  // A node whose disk is full runs without: its lists only take longer.
  found->unlisted = complete_lists(**db, numbers->journal.last);
  numbers->lists_are_whole = !found->unlisted;
  return std::make_unique<leveldb_reservation_store>(
    std::move(lock), std::move(*db), std::move(*numbers), std::move(*found),
    settings);
}

} // namespace

expected<std::unique_ptr<reservation_store>>
open_leveldb_store(const std::string& folder, const std::string& node_id,
                   timestamp now, const leveldb_store_settings& settings) {
  if (auto wrong = prepare_folder(folder))
    return fail(std::move(wrong));
  auto lock = lock_store(folder);
  if (!lock)
    return fail(lock.error());
  auto store = open_locked(std::move(*lock), host_disk(), folder, node_id, now,
                           settings);
  if (!store && store.error().code == errc::storage_corrupt)
    store.error().message += "; remedy: provisiond fsck --repair " + folder;
  return store;
}

expected<std::unique_ptr<reservation_store>>
open_leveldb_store(store_disk& disk, const std::string& folder,
                   const std::string& node_id, timestamp now,
                   const leveldb_store_settings& settings) {
  // A folder that exists is no error, and one that cannot be made fails next.
  disk.env().CreateDir(folder);
  return open_locked(folder_lock::none(), disk, folder, node_id, now, settings);
}

} // namespace provision
