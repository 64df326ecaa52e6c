#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "identity/signer.hpp"
#include "messages/error.hpp"
#include "persistence/journal_seal.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/record.hpp"

/// How the store keeps its journal a chain.
namespace provision {

/// Adds `entry` to the end of the chain: gives it its number and the hash of
/// the line before it. The row that stands for it.
std::string append_line(journal_seal& chain, journal_entry& entry);

/// The seal, signed anew, as a row; without a signer it bears no signature.
/// The signer's error.
expected<std::string> sealed_row(journal_seal& chain, const signer* signs);

/// For a new store: an empty chain, sealed, so that one of which everything was
/// removed later is not taken for it.
expected<journal_seal> begin_chain(database& db, const signer* signs);

/// Reads both ends of the journal and continues its chain. A store of an older
/// program begins one here, and one whose end contradicts the seal gets a line
/// that says so, "journal_damaged", behind both ends: what is wrong can still
/// be told later. Writes only then.
expected<journal_seal> continue_chain(database& db, const std::string& node_id,
                                      timestamp now, const signer* signs);

} // namespace provision
