#include "messages/json/forms.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "messages/base64.hpp"
#include "messages/json/date.hpp"
#include "messages/json/json.hpp"
#include "messages/json/scan.hpp"

namespace provision::json {

namespace {

using workloads::disk_type;
using workloads::ip_address;
using workloads::ip_range;
using workloads::zdb_mode;

/// A number outside every table of names.
constexpr std::uint8_t unknown_name = 255;

constexpr std::size_t mapped_bytes = 12;
constexpr double seconds_end = 9223372036854775808.0;

/// An address or network as text.
template <class T>
bool read_parsed(reader& in, json_value v, std::string_view wanted,
                 expected<T> (*parse)(std::string_view), T& out) {
  std::string_view text;
  if (!read_text(in, v, wanted, text))
    return false;
  auto parsed = parse(text);
  if (!parsed)
    return in.fail(parsed.error().message);
  out = *parsed;
  return true;
}

bool read_date_number(reader& in, json_value v, timestamp& out) {
  auto token = token_of(v);
  double number = 0;
  auto end = token.data() + token.size();
  auto [stop, failure] = std::from_chars(token.data(), end, number);
  // Fractions are cut towards zero, as in the original.
  if (failure != std::errc{} || stop != end
      || !(std::abs(number) < seconds_end))
    return in.fail("date out of range");
  out = from_unix(static_cast<std::int64_t>(number));
  return true;
}

template <class E, std::size_t N>
bool read_name(reader& in, json_value v, const E (&known)[N], E& out) {
  std::string_view text;
  if (type_of(v) == json_type::null)
    return true;
  if (!read_text(in, v, "a string", text))
    return false;
  out = static_cast<E>(unknown_name);
  for (auto candidate : known)
    if (to_string(candidate) == text)
      out = candidate;
  return true;
}

/// What {"IP", "Mask"} says, before it is put together.
struct ip_and_mask {
  ip_address ip = {};
  /// The mask's bytes.
  std::string mask = {};
};

/// Ones at the start of a mask; -1 if other bits are set.
int leading_ones(std::string_view mask) noexcept {
  int ones = 0;
  bool ended = false;
  for (unsigned char byte : mask) {
    auto here = std::countl_one(byte);
    if ((ended && byte != 0)
        || static_cast<unsigned char>(byte << static_cast<unsigned>(here)) != 0)
      return -1;
    ended = ended || here != 8;
    ones += here;
  }
  return ones;
}

} // namespace

template <>
inline constexpr std::array fields<ip_and_mask>{
  member<&ip_and_mask::ip>("IP"),
  member<&ip_and_mask::mask, as_base64>("Mask"),
};

bool read(reader& in, json_value v, reservation_type& out) {
  return read(in, v, out.name);
}

void write_value(std::string& out, const reservation_type& value) {
  append_quoted(out, value.name);
}

bool read(reader& in, json_value v, ip_address& out) {
  return read_parsed(in, v, "an IP address", workloads::parse_ip, out);
}

bool read(reader& in, json_value v, ip_range& out) {
  return read_parsed(in, v, "an IP range", workloads::parse_cidr, out);
}

void write_value(std::string& out, const ip_address& value) {
  append_quoted(out, to_string(value));
}

void write_value(std::string& out, const ip_range& value) {
  append_quoted(out, to_string(value));
}

bool read_as(as_date, reader& in, json_value v, timestamp& out) {
  switch (type_of(v)) {
  case json_type::number:
    return read_date_number(in, v, out);
  case json_type::string:
    return read_parsed(in, v, "a date", parse_date, out);
  case json_type::null:
    return in.fail("unknown date format: <nil>(null)");
  case json_type::boolean:
    return in.fail("unknown date format: bool(" + std::string{token_of(v)}
                   + ")");
  default:
    return in.mismatch("a date", v);
  }
}

void write_as(as_date, std::string& out, const timestamp& value) {
  append_number(out, value.is_zero() ? std::int64_t{0} : value.seconds);
}

bool read_as(as_rfc3339, reader& in, json_value v, timestamp& out) {
  return type_of(v) == json_type::null
         || read_parsed(in, v, "a time", parse_rfc3339, out);
}

void write_as(as_rfc3339, std::string& out, const timestamp& value) {
  out += '"';
  out += format_rfc3339(value);
  out += '"';
}

bool read_as(as_nanoseconds, reader& in, json_value v,
             std::chrono::nanoseconds& out) {
  auto count = out.count();
  if (!read(in, v, count))
    return false;
  out = std::chrono::nanoseconds{count};
  return true;
}

void write_as(as_nanoseconds, std::string& out,
              const std::chrono::nanoseconds& value) {
  append_number(out, std::int64_t{value.count()});
}

bool read_as(as_raw, reader& in, json_value v, std::string& out) {
  std::string_view text;
  simdjson::error_code failure = simdjson::SUCCESS;
  json_array array;
  json_object object;
  switch (type_of(v)) {
  case json_type::array:
    failure = v.get_array().get(array);
    if (!failure)
      failure = array.raw_json().get(text);
    break;
  case json_type::object:
    failure = v.get_object().get(object);
    if (!failure)
      failure = object.raw_json().get(text);
    break;
  default:
    text = token_of(v);
  }
  if (failure)
    return in.fail(simdjson::error_message(failure));
  out.clear();
  append_compact(out, text);
  return true;
}

void write_as(as_raw, std::string& out, const std::string& value) {
  out += value.empty() ? std::string_view{"null"} : std::string_view{value};
}

bool read_as(as_base64, reader& in, json_value v, std::string& out) {
  return read_parsed(in, v, "base64 text", base64::decode, out);
}

void write_as(as_base64, std::string& out, const std::string& value) {
  append_quoted(out, base64::encode(value));
}

bool read_as(as_name, reader& in, json_value v, disk_type& out) {
  constexpr disk_type known[] = {disk_type::hdd, disk_type::ssd};
  return read_name(in, v, known, out);
}

bool read_as(as_name, reader& in, json_value v, zdb_mode& out) {
  constexpr zdb_mode known[] = {zdb_mode::seq, zdb_mode::user};
  return read_name(in, v, known, out);
}

void write_as(as_name, std::string& out, disk_type value) {
  append_quoted(out, to_string(value));
}

void write_as(as_name, std::string& out, zdb_mode value) {
  append_quoted(out, to_string(value));
}

bool read_as(as_ip_and_mask, reader& in, json_value v, ip_range& out) {
  ip_and_mask both;
  if (!read(in, v, both))
    return false;
  out = {};
  if (both.ip.family == ip_address::kind::none)
    return true;
  std::string_view mask = both.mask;
  auto is_v4 = both.ip.family == ip_address::kind::v4;
  // An IPv4 network may come with the mask of its v4-mapped form.
  if (is_v4 && mask.size() == 16
      && leading_ones(mask.substr(0, mapped_bytes)) == 8 * int{mapped_bytes})
    mask.remove_prefix(mapped_bytes);
  auto ones = leading_ones(mask);
  if (mask.size() != (is_v4 ? 4 : 16) || ones < 0) {
    in.fail("not the mask of a network");
    return in.at("Mask");
  }
  out = {both.ip, static_cast<std::uint8_t>(ones)};
  return true;
}

void write_as(as_ip_and_mask, std::string& out, const ip_range& value) {
  out += "{\"IP\":";
  write_value(out, value.address);
  out += ",\"Mask\":";
  if (value.address.family == ip_address::kind::none) {
    out += "null}";
    return;
  }
  auto is_v4 = value.address.family == ip_address::kind::v4;
  std::string mask(is_v4 ? 4 : 16, '\0');
  for (std::size_t bit = 0; bit < value.prefix && bit < 8 * mask.size(); ++bit)
    mask[bit / 8] = static_cast<char>(
      mask[bit / 8] | (0x80U >> static_cast<unsigned>(bit % 8)));
  append_quoted(out, base64::encode(mask));
  out += '}';
}

} // namespace provision::json
