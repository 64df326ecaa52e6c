#include "persistence/leveldb/journal_chain.hpp"

#include <algorithm>
#include <utility>

#include "identity/digest.hpp"
#include "identity/ed25519.hpp"
#include "identity/node_key.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/status.hpp"
#include "persistence/row_codec.hpp"

namespace provision {

namespace {

using keys::kind;

/// The ends of the journal as its rows say.
struct journal_ends {
  /// 0: there is no row.
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  /// The last row, byte for byte.
  std::string last_row = {};

  bool is_chained() const {
    const auto entry = decode_journal_entry(last_row);
    return entry && !entry->before.empty();
  }
};

expected<journal_ends> find_ends(database& db) {
  journal_ends ends;
  const row_range oldest{db, keys::prefix(kind::journal)};
  if (auto wrong = oldest.verdict())
    return fail(std::move(wrong));
  if (!oldest.valid())
    return ends;
  ends.first = keys::sequence_of(oldest.key()).value_or(1);
  const auto key = last_key(db, keys::prefix(kind::journal));
  if (!key)
    return fail(key.error());
  ends.last = keys::sequence_of(*key).value_or(ends.first);
  auto row = db.get(*key);
  if (!row)
    return fail(row.error());
  ends.last_row = row->value_or(std::string{});
  return ends;
}

/// Nothing if there is no seal row; the error says what is wrong with it.
expected<std::optional<journal_seal>>
find_seal(database& db, const std::string& node_id, const signer* signs) {
  const auto row = db.get(keys::journal_seal);
  if (!row)
    return fail(row.error());
  if (!*row)
    return std::optional<journal_seal>{};
  auto seal = decode_journal_seal(**row);
  if (!seal)
    return fail(seal.error());
  const auto key = public_key_of_node_id(node_id);
  if (key && signs)
    if (auto wrong = ed25519::check("the seal's signature", seal->signature,
                                    message_of(*seal), *key))
      return fail(std::move(wrong));
  return std::optional{std::move(*seal)};
}

/// What the seal and the rows do not agree on; empty: nothing.
std::string contradiction(const std::optional<journal_seal>& seal,
                          const journal_ends& ends) {
  if (!seal)
    return ends.is_chained() ? "the seal is missing" : "";
  if (ends.last != seal->last)
    return "the newest line is " + std::to_string(ends.last)
           + ", and the seal names line " + std::to_string(seal->last);
  if (ends.last > 0 && digest(ends.last_row) != seal->last_hash)
    return "line " + std::to_string(ends.last)
           + " is not the one that the seal names";
  return "";
}

/// A seal that fits these rows, as far as they say.
journal_seal seal_from(const journal_ends& ends) {
  journal_seal made;
  made.first = std::max<std::uint64_t>(ends.first, 1);
  made.last = ends.last;
  if (ends.is_chained()) {
    made.chained_from = made.first;
    made.last_hash = digest(ends.last_row);
  } else {
    made.chained_from = ends.last + 1;
  }
  return made;
}

error write_seal(database& db, journal_seal& chain, const signer* signs) {
  const auto seal = sealed_row(chain, signs);
  if (!seal)
    return seal.error();
  leveldb::WriteBatch rows;
  rows.Put(to_slice(keys::journal_seal), *seal);
  return db.write(rows, /*sync=*/true);
}

error write_note(database& db, journal_seal& chain, journal_entry note,
                 const signer* signs) {
  const auto row = append_line(chain, note);
  const auto seal = sealed_row(chain, signs);
  if (!seal)
    return seal.error();
  leveldb::WriteBatch rows;
  rows.Put(keys::numbered(kind::journal, note.sequence), row);
  rows.Put(to_slice(keys::journal_seal), *seal);
  return db.write(rows, /*sync=*/true);
}

} // namespace

expected<journal_seal> begin_chain(database& db, const signer* signs) {
  auto chain = seal_from({});
  if (auto failed = write_seal(db, chain, signs))
    return fail(std::move(failed));
  return chain;
}

std::string append_line(journal_seal& chain, journal_entry& entry) {
  entry.sequence = ++chain.last;
  entry.before = std::move(chain.last_hash);
  auto row = encode_journal_entry(entry);
  chain.last_hash = digest(row);
  return row;
}

expected<std::string> sealed_row(journal_seal& chain, const signer* signs) {
  chain.signature.clear();
  if (signs) {
    auto made = signs->sign(message_of(chain));
    if (!made)
      return fail(made.error());
    chain.signature = std::move(*made);
  }
  return encode_journal_seal(chain);
}

expected<journal_seal> continue_chain(database& db, const std::string& node_id,
                                      timestamp now, const signer* signs) {
  const auto ends = find_ends(db);
  if (!ends)
    return fail(ends.error());
  auto seal = find_seal(db, node_id, signs);
  if (!seal && seal.error().code != errc::storage_corrupt
      && seal.error().code != errc::bad_signature)
    return fail(seal.error());
  const auto wrong = seal ? contradiction(*seal, *ends) : seal.error().message;
  auto chain = seal && *seal ? **seal : seal_from(*ends);
  journal_entry note{.at = now};
  if (!wrong.empty()) {
    note.event = journal_damaged_event;
    note.text = wrong;
    // Behind both ends: a gap stays a gap.
    chain.last = std::max(chain.last, ends->last);
  } else if (seal && !*seal && ends->last > 0) {
    note.event = journal_chained_event;
    note.text = "older lines carry no hashes";
  } else {
    return chain;
  }
  if (auto failed = write_note(db, chain, std::move(note), signs))
    return fail(std::move(failed));
  return chain;
}

} // namespace provision
