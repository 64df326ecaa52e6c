#include "persistence/journal_examination.hpp"

#include <utility>

#include "persistence/folder_lock.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

expected<examined_journal> examine_journal(const std::string& folder,
                                           std::optional<known_line> known) {
  const auto lock = lock_store(folder);
  if (!lock)
    return fail(lock.error());
  const auto db = database::open(folder, database::missing::refuse);
  if (!db)
    return fail(db.error());
  examined_journal made;
  const auto node = (*db)->get(keys::node);
  if (!node)
    return fail(node.error());
  if (auto id = decode_text(node->value_or(std::string{})))
    made.node_id = std::move(*id);
  const auto seal = (*db)->get(keys::journal_seal);
  if (!seal)
    return fail(seal.error());
  // A damaged seal is as good as none.
  if (auto whole = decode_journal_seal(seal->value_or(std::string{})))
    made.seal = std::move(*whole);
  journal_check check{made.seal, made.node_id, std::move(known)};
  row_range rows{**db, keys::prefix(keys::kind::journal)};
  for (; rows.valid(); rows.next())
    check.take(keys::sequence_of(rows.key()).value_or(0), rows.value());
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  made.verdict = check.finish();
  return made;
}

} // namespace provision
