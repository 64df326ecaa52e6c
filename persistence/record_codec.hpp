#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"
#include "messages/received_text.hpp"
#include "persistence/record.hpp"
#include "persistence/reservation_store.hpp"

/// A record <-> its two stored rows. Every row starts with the version of its
/// format and ends with a CRC-32C of all bytes before. What does not pass is
/// errc::storage_corrupt naming the row and the field. docs/on_disk.md shows
/// the fields.
namespace provision {

/// The state row: everything but the bytes as received.
std::string encode_state(const record& what);

/// Leaves `received` empty.
expected<record> decode_state(std::string_view row);

/// The fields that start-up and audits look at, without allocating: the texts
/// are views into `row`. The whole row's checksum is verified.
expected<record_summary> decode_summary(std::string_view row);

/// The row of the bytes as received: immutable, so that a transition does not
/// rewrite it.
std::string encode_received(const received_text& what);

/// Copies the bytes into a buffer of their own.
expected<received_text> decode_received(std::string_view row);

/// Whether the row would decode; copies nothing.
error check_received(std::string_view row);

} // namespace provision
