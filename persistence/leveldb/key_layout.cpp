#include "persistence/leveldb/key_layout.hpp"

#include <cstddef>

namespace provision::keys {

namespace {

constexpr std::size_t prefix_size = 2;
constexpr std::size_t time_size = 12;
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63U;

void append_be(std::string& key, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(value >> shift));
}

std::uint64_t read_be(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (const char byte : bytes)
    value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

} // namespace

std::string prefix(kind what) {
  return {static_cast<char>(what), '/'};
}

std::string named(kind what, std::string_view name) {
  return prefix(what).append(name);
}

std::string numbered(kind what, std::uint64_t sequence) {
  auto key = prefix(what);
  append_be(key, sequence, 8);
  return key;
}

std::string cursor(std::string_view source) {
  return std::string{cursor_prefix}.append(source);
}

std::string expiry(timestamp at, std::string_view id) {
  auto key = prefix(kind::expiry);
  append_be(key, static_cast<std::uint64_t>(at.seconds) ^ sign_bit, 8);
  append_be(key, static_cast<std::uint32_t>(at.nanoseconds), 4);
  return key.append(id);
}

std::string group_prefix(kind what, std::string_view group) {
  return named(what, group).append("/");
}

std::string grouped(kind what, std::string_view group, std::string_view id) {
  return group_prefix(what, group).append(id);
}

std::string_view name_of(std::string_view key) noexcept {
  return key.size() < prefix_size ? std::string_view{}
                                  : key.substr(prefix_size);
}

std::optional<kind> kind_of(std::string_view key) noexcept {
  constexpr std::string_view letters = "mrbwxnuyokjtqd";
  if (key.size() < prefix_size || key[1] != '/'
      || letters.find(key[0]) == std::string_view::npos)
    return std::nullopt;
  return static_cast<kind>(key[0]);
}

std::optional<std::uint64_t> sequence_of(std::string_view key) noexcept {
  const auto number = name_of(key);
  if (number.size() != 8)
    return std::nullopt;
  return read_be(number);
}

std::optional<expiry_key> expiry_of(std::string_view key) noexcept {
  const auto name = name_of(key);
  if (name.size() <= time_size)
    return std::nullopt;
  timestamp at;
  at.seconds = static_cast<std::int64_t>(read_be(name.substr(0, 8)) ^ sign_bit);
  at.nanoseconds = static_cast<std::int32_t>(read_be(name.substr(8, 4)));
  return expiry_key{at, name.substr(time_size)};
}

std::string_view grouped_id_of(std::string_view key) noexcept {
  const auto name = name_of(key);
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view{}
                                         : name.substr(slash + 1);
}

} // namespace provision::keys
