#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"
#include "persistence/record.hpp"

/// The other rows <-> bytes: tombstones, quarantine, outbox, journal, numbers.
/// The same rules as in record_codec.hpp: versioned first byte, CRC-32C at the
/// end, errc::storage_corrupt naming row and field.
namespace provision {

std::string encode_tombstone(const tombstone& what);
expected<tombstone> decode_tombstone(std::string_view row);

std::string encode_quarantined(const quarantined& what);
expected<quarantined> decode_quarantined(std::string_view row);

/// Serves parked rows too. The sequence number is part of the row, so that a
/// row under a wrong key is found out.
std::string encode_outbox_row(const outbox_row& what);
expected<outbox_row> decode_outbox_row(std::string_view row);

std::string encode_journal_entry(const journal_entry& what);
expected<journal_entry> decode_journal_entry(std::string_view row);

/// A single number: a source's cursor, the schema's version.
std::string encode_number(std::uint64_t value);
expected<std::uint64_t> decode_number(std::string_view row);

/// A single text: the node's id.
std::string encode_text(std::string_view value);
expected<std::string> decode_text(std::string_view row);

} // namespace provision
