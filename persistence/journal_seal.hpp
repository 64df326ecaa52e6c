#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision {

/// Both ends of the journal, signed by the node. Each line carries the hash of
/// the line before it, and the seal that of the last one: whoever changes a
/// line, takes one away or cuts off an end contradicts the seal. Hashes are
/// BLAKE2b-256 of a line's whole row, raw 32 bytes.
struct journal_seal {
  /// The oldest line that is kept.
  std::uint64_t first = 1;
  /// The oldest line of the chain; those before it were written by a program
  /// that knew no chain.
  std::uint64_t chained_from = 1;
  /// What `chained_from` carries as the hash of the line before it; empty if
  /// that is not known.
  std::string before = {};
  /// The newest line; 0: there was none yet.
  std::uint64_t last = 0;
  /// Its hash; zeros if there is none.
  std::string last_hash = std::string(32, '\0');
  /// Raw ed25519 signature of message_of(); empty: not signed.
  std::string signature = {};
};

/// Event of the line that a node writes when it finds its journal's end
/// contradicting the seal.
inline constexpr std::string_view journal_damaged_event = "journal_damaged";
/// Event of the first line of a chain behind older lines that have none.
inline constexpr std::string_view journal_chained_event = "journal_chained";

/// What the node signs.
std::string message_of(const journal_seal& seal);

/// The seal as a row, see row_codec.hpp; errc::storage_corrupt.
std::string encode_journal_seal(const journal_seal& seal);
expected<journal_seal> decode_journal_seal(std::string_view row);

} // namespace provision
