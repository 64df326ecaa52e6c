#include "messages/workloads/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

namespace provision::workloads {

namespace {

using kind = ip_address::kind;

constexpr std::size_t group_count = 8;
/// Where the IPv4 address starts in a v4-mapped IPv6 address.
constexpr std::size_t mapped_bytes = 12;
constexpr int mapped_bits = 96;
/// As in the original: larger numbers of bits are not even compared.
constexpr int bits_max = 0xFFFFFF;

/// What was written, before a v4-mapped address becomes an IPv4 one.
struct written_address {
  ip_address ip = {};
  bool mapped = false;
};

bool is_mapped(const ip_address& ip) noexcept {
  auto first = ip.bytes.begin();
  return std::all_of(first, first + 10, [](auto byte) { return byte == 0; })
         && ip.bytes[10] == 0xFF && ip.bytes[11] == 0xFF;
}

std::optional<written_address> read_address(std::string_view text) {
  // inet_pton wants a terminator and would stop at an embedded one.
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (text.size() >= buffer.size() || text.find('\0') != text.npos)
    return std::nullopt;
  std::copy(text.begin(), text.end(), buffer.begin());
  written_address result;
  auto& ip = result.ip;
  if (inet_pton(AF_INET, buffer.data(), ip.bytes.data()) == 1) {
    ip.family = kind::v4;
    return result;
  }
  ip.bytes.fill(0);
  if (inet_pton(AF_INET6, buffer.data(), ip.bytes.data()) != 1)
    return std::nullopt;
  ip.family = kind::v6;
  if (is_mapped(ip)) {
    result.mapped = true;
    ip.family = kind::v4;
    std::copy(ip.bytes.begin() + mapped_bytes, ip.bytes.end(),
              ip.bytes.begin());
    std::fill(ip.bytes.begin() + 4, ip.bytes.end(), std::uint8_t{0});
  }
  return result;
}

/// Decimal digits only: no sign, no blanks; leading zeros are fine.
std::optional<int> read_bits(std::string_view text) {
  int bits = 0;
  auto end = text.data() + text.size();
  auto [stop, code] = std::from_chars(text.data(), end, bits);
  if (code != std::errc{} || stop != end || bits < 0 || bits >= bits_max
      || text.front() == '-')
    return std::nullopt;
  return bits;
}

std::optional<ip_range> read_range(std::string_view text) {
  auto slash = text.find('/');
  if (slash == text.npos)
    return std::nullopt;
  auto written = read_address(text.substr(0, slash));
  auto bits = read_bits(text.substr(slash + 1));
  if (!written || !bits)
    return std::nullopt;
  auto short_form = written->ip.family == kind::v4 && !written->mapped;
  if (*bits > (short_form ? 32 : 128))
    return std::nullopt;
  if (written->mapped)
    *bits = std::max(*bits - mapped_bits, 0);
  return ip_range{written->ip, static_cast<std::uint8_t>(*bits)};
}

/// A run of groups [begin, end).
struct group_run {
  std::size_t begin = group_count;
  std::size_t end = group_count;

  std::size_t size() const noexcept { return end - begin; }
};

using groups = std::array<unsigned, group_count>;

/// The first among the longest runs of two or more zero groups.
group_run longest_zeros(const groups& parts) noexcept {
  group_run longest;
  for (std::size_t begin = 0; begin < group_count; ++begin) {
    auto end = begin;
    while (end < group_count && parts[end] == 0)
      ++end;
    if (end - begin >= 2 && end - begin > longest.size())
      longest = {begin, end};
    begin = std::max(begin, end);
  }
  return longest;
}

// Not inet_ntop, which writes ::102:304 as ::1.2.3.4.
std::string to_rfc5952(const ip_address& ip) {
  groups parts{};
  for (std::size_t i = 0; i < group_count; ++i)
    parts[i] = ip.bytes[2 * i] * 256U + ip.bytes[2 * i + 1];
  auto zeros = longest_zeros(parts);
  std::string text;
  for (std::size_t i = 0; i < group_count; ++i) {
    if (i == zeros.begin) {
      text += "::";
      i = zeros.end - 1;
      continue;
    }
    if (i != 0 && i != zeros.end)
      text += ':';
    std::array<char, 4> digits{};
    auto [end, code] = std::to_chars(
      digits.data(), digits.data() + digits.size(), parts[i], 16);
    text.append(digits.data(), end);
  }
  return text;
}

std::string to_dotted(const ip_address& ip) {
  auto text = std::to_string(ip.bytes[0]);
  for (std::size_t i = 1; i < 4; ++i)
    text.append(".").append(std::to_string(ip.bytes[i]));
  return text;
}

} // namespace

expected<ip_address> parse_ip(std::string_view text) {
  if (text.empty())
    return ip_address{};
  if (auto written = read_address(text))
    return written->ip;
  return fail(errc::malformed_input,
              "invalid IP address: " + std::string{text});
}

std::string to_string(const ip_address& ip) {
  switch (ip.family) {
  case kind::v4:
    return to_dotted(ip);
  case kind::v6:
    return to_rfc5952(ip);
  case kind::none:
    break;
  }
  return {};
}

expected<ip_range> parse_cidr(std::string_view text) {
  if (text.empty())
    return ip_range{};
  if (auto range = read_range(text))
    return *range;
  return fail(errc::malformed_input,
              "invalid CIDR address: " + std::string{text});
}

std::string to_string(const ip_range& range) {
  if (range.address.family == kind::none)
    return {};
  return to_string(range.address) + "/" + std::to_string(range.prefix);
}

} // namespace provision::workloads
