#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// Writes the fields of a stored row one after another. Numbers are LEB128
/// varints, texts are length and bytes.
class byte_writer {
public:
  void u8(std::uint8_t value);
  void number(std::uint64_t value);
  /// Zigzag: small magnitudes stay short.
  void signed_number(std::int64_t value);
  void text(std::string_view value);
  void time(timestamp value);
  /// Bytes without a length; only as the last field.
  void rest(std::string_view value);

  /// The row: all fields, then their CRC-32C, four bytes, little-endian.
  std::string sealed() &&;

private:
  std::string bytes_;
};

/// The fields of a sealed row without the checksum. errc::storage_corrupt if
/// the checksum does not match; `row_name` says which row it is.
expected<std::string_view> unseal(std::string_view row,
                                  std::string_view row_name);

/// Reads fields back. Never reads out of bounds: the first field that does not
/// fit is remembered, and from then on every field reads as zero or empty.
class byte_reader {
public:
  explicit byte_reader(std::string_view fields) : left_{fields} {}

  std::uint8_t u8(const char* field);
  std::uint64_t number(const char* field);
  /// A number that fits 32 bits.
  std::uint32_t number32(const char* field);
  std::int64_t signed_number(const char* field);
  std::string_view text(const char* field);
  timestamp time(const char* field);
  std::string_view rest();

  /// Marks `field` as the one that is not right.
  void refuse(const char* field);

  /// errc::storage_corrupt naming `row_name` and the first bad field; nothing
  /// if all was well.
  error verdict(std::string_view row_name) const;
  /// As verdict, and bytes behind the last field are an error too.
  error verdict_at_end(std::string_view row_name) const;

private:
  std::string_view left_;
  const char* broken_ = nullptr;
};

} // namespace provision
