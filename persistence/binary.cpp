#include "persistence/binary.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include "persistence/crc32c.hpp"

namespace provision {

namespace {

constexpr std::size_t seal_size = 4;

} // namespace

void byte_writer::u8(std::uint8_t value) {
  bytes_.push_back(static_cast<char>(value));
}

void byte_writer::number(std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U)
    bytes_.push_back(static_cast<char>(value | 0x80U));
  bytes_.push_back(static_cast<char>(value));
}

void byte_writer::signed_number(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  number((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0U));
}

void byte_writer::text(std::string_view value) {
  number(value.size());
  bytes_.append(value);
}

void byte_writer::time(timestamp value) {
  signed_number(value.seconds);
  number(static_cast<std::uint32_t>(value.nanoseconds));
}

void byte_writer::rest(std::string_view value) {
  bytes_.append(value);
}

std::string byte_writer::sealed() && {
  const auto crc = crc32c(bytes_);
  for (std::size_t n = 0; n < seal_size; ++n)
    bytes_.push_back(static_cast<char>(crc >> (8 * n)));
  return std::move(bytes_);
}

expected<std::string_view> unseal(std::string_view row,
                                  std::string_view row_name) {
  if (row.size() < seal_size)
    return fail(errc::storage_corrupt,
                std::string{row_name} + ": shorter than its checksum");
  const auto fields = row.substr(0, row.size() - seal_size);
  std::uint32_t stored = 0;
  std::memcpy(&stored, row.data() + fields.size(), sizeof stored);
  if (stored != crc32c(fields))
    return fail(errc::storage_corrupt,
                std::string{row_name} + ": checksum does not match");
  return fields;
}

void byte_reader::refuse(const char* field) {
  if (broken_ == nullptr)
    broken_ = field;
  left_ = {};
}

std::uint8_t byte_reader::u8(const char* field) {
  if (left_.empty()) {
    refuse(field);
    return 0;
  }
  const auto value = static_cast<std::uint8_t>(left_.front());
  left_.remove_prefix(1);
  return value;
}

std::uint64_t byte_reader::number(const char* field) {
  constexpr std::size_t size_max = 10;
  std::uint64_t value = 0;
  for (std::size_t n = 0; n < std::min(left_.size(), size_max); ++n) {
    const auto byte = static_cast<std::uint8_t>(left_[n]);
    const auto digits = std::uint64_t{byte} & 0x7fU;
    // The tenth byte has room for one bit only.
    if (n == size_max - 1 && byte > 1)
      break;
    value |= digits << (7 * n);
    if (byte == digits) {
      left_.remove_prefix(n + 1);
      return value;
    }
  }
  refuse(field);
  return 0;
}

std::uint32_t byte_reader::number32(const char* field) {
  const auto value = number(field);
  if (value <= std::numeric_limits<std::uint32_t>::max())
    return static_cast<std::uint32_t>(value);
  refuse(field);
  return 0;
}

std::int64_t byte_reader::signed_number(const char* field) {
  const auto bits = number(field);
  return static_cast<std::int64_t>(
    (bits >> 1U) ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0U));
}

std::string_view byte_reader::text(const char* field) {
  const auto size = number(field);
  if (size > left_.size()) {
    refuse(field);
    return {};
  }
  const auto value = left_.substr(0, static_cast<std::size_t>(size));
  left_.remove_prefix(value.size());
  return value;
}

timestamp byte_reader::time(const char* field) {
  const auto seconds = signed_number(field);
  const auto nanoseconds = number32(field);
  if (broken_ == nullptr && nanoseconds < 1'000'000'000U)
    return {seconds, static_cast<std::int32_t>(nanoseconds)};
  refuse(field);
  return {};
}

std::string_view byte_reader::rest() {
  const auto value = left_;
  left_ = {};
  return value;
}

error byte_reader::verdict(std::string_view row_name) const {
  if (broken_ == nullptr)
    return {};
  return {errc::storage_corrupt,
          std::string{row_name} + ": field " + broken_ + " is not valid"};
}

error byte_reader::verdict_at_end(std::string_view row_name) const {
  if (broken_ == nullptr && !left_.empty())
    return {errc::storage_corrupt,
            std::string{row_name} + ": bytes behind the last field"};
  return verdict(row_name);
}

} // namespace provision
