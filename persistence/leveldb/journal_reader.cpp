#include "persistence/leveldb/journal_reader.hpp"

#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/store_lock.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

expected<stored_journal> stored_journal::read(const std::string& folder) {
  const auto lock = store_lock::acquire(folder);
  if (!lock)
    return fail(lock.error());
  const auto db = database::open(folder, database::missing::refuse);
  if (!db)
    return fail(db.error());
  stored_journal made;
  const auto node = (*db)->get(keys::node);
  if (!node)
    return fail(node.error());
  if (auto id = decode_text(node->value_or("")))
    made.node_id_ = std::move(*id);
  const auto seal = (*db)->get(keys::journal_seal);
  if (!seal)
    return fail(seal.error());
  // A damaged seal is as good as none.
  if (auto whole = decode_journal_seal(seal->value_or("")))
    made.seal_ = std::move(*whole);
  row_range rows{**db, keys::prefix(keys::kind::journal)};
  for (; rows.valid(); rows.next())
    made.rows_.emplace_back(keys::sequence_of(rows.key()).value_or(0),
                            rows.value());
  if (auto wrong = rows.verdict())
    return fail(std::move(wrong));
  return made;
}

} // namespace provision
