#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "persistence/binary.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/row_codec.hpp"
#include "tests/fuzz/cutting.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

namespace {

/// What a row decodes to is written as a sealed row that decodes to the same.
template <class Decode, class Encode>
void round_trip(std::string_view row, Decode decode, Encode encode) {
  auto read = decode(row);
  if (!read) {
    require(read.error().code == errc::storage_corrupt
              && !read.error().message.empty(),
            "a row that does not decode is corrupt, and it is said why");
    return;
  }
  const std::string first = encode(*read);
  require(unseal(first, "row").has_value(), "an encoded row is sealed");
  auto again = decode(first);
  require_same("row", first, again ? encode(*again) : again.error().message);
}

void as_state(std::string_view row) {
  round_trip(row, decode_state, encode_state);
  auto whole = decode_state(row);
  auto head = decode_summary(row);
  require(!whole || head, "a row that decodes has a summary");
  if (!whole)
    return;
  require(head->id == whole->id && head->state == whole->state
            && head->sequence == whole->sequence
            && head->type == whole->type.name && head->network == whole->network
            && head->takes == whole->takes && head->expires == whole->expires,
          "summary and record agree");
}

void as_received(std::string_view row) {
  round_trip(row, decode_received, encode_received);
  require(!check_received(row) == decode_received(row).has_value(),
          "the check of received bytes and their decoder agree");
}

void as_tombstone(std::string_view row) {
  round_trip(row, decode_tombstone, encode_tombstone);
}

void as_quarantined(std::string_view row) {
  round_trip(row, decode_quarantined, encode_quarantined);
}

void as_outbox(std::string_view row) {
  round_trip(row, decode_outbox_row, encode_outbox_row);
}

void as_journal(std::string_view row) {
  round_trip(row, decode_journal_entry, encode_journal_entry);
}

void as_number(std::string_view row) {
  round_trip(row, decode_number, encode_number);
}

void as_text(std::string_view row) {
  round_trip(row, decode_text, encode_text);
}

constexpr std::array kinds{as_state,  as_received, as_tombstone, as_quarantined,
                           as_outbox, as_journal,  as_number,    as_text};

std::string sealed(std::string_view fields) {
  byte_writer out;
  out.rest(fields);
  return std::move(out).sealed();
}

/// The checksum finds every single bit that flips.
void flip_a_bit(std::string row) {
  const auto bit = number_in(row) % (row.size() * 8U);
  row[bit / 8U] = static_cast<char>(row[bit / 8U] ^ (1U << (bit % 8U)));
  require(!unseal(row, "row"), "a flipped bit is found");
}

} // namespace

void stored_record(std::string_view bytes) {
  if (bytes.empty())
    return;
  const auto kind = static_cast<std::uint8_t>(bytes.front()) % kinds.size();
  const auto fields = bytes.substr(1);
  // As it is: what a broken disk may hold. Then as if it were whole, so that
  // the fields are looked at.
  kinds[kind](fields);
  const auto row = sealed(fields);
  kinds[kind](row);
  flip_a_bit(row);
}

} // namespace provision::fuzz
