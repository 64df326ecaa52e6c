#include "config/form.hpp"

#include <algorithm>

#include "config/host_and_port.hpp"
#include "config/listen_address.hpp"
#include "config/quantity.hpp"
#include "messages/workloads/address.hpp"
#include "messages/workloads/domain_name.hpp"

namespace provision::config {
namespace {

/// `text` between quotes, with everything escaped that would break the line.
std::string quoted(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out.append(1, '\\').append(1, c);
    else if (byte < 0x20 || byte == 0x7F)
      out.append("\\u00")
        .append(1, digits[byte >> 4U])
        .append(1, digits[byte & 15U]);
    else
      out.append(1, c);
  }
  return out.append("\"");
}

tl::unexpected<error> complain(std::string what) {
  return fail(errc::invalid_configuration, std::move(what));
}

tl::unexpected<error> found(const raw_value& from) {
  return complain("found " + std::string{from.description});
}

/// The text of `from`, or why a quantity cannot be read from it.
expected<std::string_view> quantity_text(const raw_value& from,
                                         std::string_view example) {
  if (from.what == raw_value::kind::integer)
    return complain(std::to_string(from.integer)
                    + " has no unit; write it as in " + quoted(example));
  if (from.what != raw_value::kind::text)
    return found(from);
  return from.text;
}

std::string range(const std::string& lowest, const std::string& highest) {
  return lowest + " to " + highest;
}

std::string outside(const std::string& value, bool too_low) {
  return value + " is too " + (too_low ? "small" : "large");
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

/// What is wrong with a base URL. Never repeats the URL: what stands before an
/// '@' may be a password.
std::string url_complaint(std::string_view url) {
  std::string_view rest;
  for (const std::string_view scheme : {"http://", "https://"})
    if (url.starts_with(scheme))
      rest = url.substr(scheme.size());
  if (rest.data() == nullptr)
    return "it does not start with http:// or https://";
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos)
    return "it carries a user name; requests are signed with the node's key";
  if (authority.empty() || authority.front() == ':')
    return "it names no host";
  if (url.find_first_of(" \"<>") != std::string_view::npos)
    return "it holds a blank or a quote";
  return {};
}

} // namespace

std::string duration_form::allowed() const {
  auto text = range(format_duration(lowest), format_duration(highest));
  if (step > std::chrono::milliseconds{1})
    text += " in steps of " + format_duration(step);
  return text;
}

expected<std::chrono::milliseconds>
duration_form::read(const raw_value& from) const {
  const auto text = quantity_text(from, "250ms");
  if (!text)
    return fail(text.error());
  return parse_duration(*text).map_error([&](const error& why) {
    return error{why.code, quoted(*text) + " is not a duration: " + why.message
                             + "; write a whole number and ms, s, m or h"};
  });
}

std::string duration_form::write(std::chrono::milliseconds value) const {
  return quoted(format_duration(value));
}

std::string duration_form::complaint(std::chrono::milliseconds value) const {
  if (value < lowest || value > highest)
    return outside(format_duration(value), value < lowest);
  if (value % step != std::chrono::milliseconds{0})
    return format_duration(value) + " is between two steps";
  return {};
}

std::string size_form::allowed() const {
  auto text = range(format_size(lowest * step), format_size(highest * step));
  if (step > 1)
    text += " in steps of " + format_size(step);
  return text;
}

expected<std::uint64_t> size_form::read(const raw_value& from) const {
  const auto text = quantity_text(from, "64MiB");
  if (!text)
    return fail(text.error());
  const auto bytes = parse_size(*text);
  if (!bytes)
    return complain(quoted(*text) + " is not a size: " + bytes.error().message
                    + "; write a whole number and KiB, MiB, GiB or TiB");
  if (*bytes % step != 0)
    return complain(quoted(*text) + " is between two steps");
  return *bytes / step;
}

std::string size_form::write(std::uint64_t value) const {
  return quoted(format_size(value * step));
}

std::string size_form::complaint(std::uint64_t value) const {
  if (value > highest)
    return outside(std::to_string(value) + " x " + format_size(step),
                   /*too_low=*/false);
  return value < lowest ? outside(format_size(value * step), /*too_low=*/true)
                        : std::string{};
}

std::string count_form::allowed() const {
  return range(std::to_string(lowest), std::to_string(highest));
}

expected<std::uint64_t> count_form::read(const raw_value& from) const {
  if (from.what != raw_value::kind::integer)
    return found(from);
  if (from.integer < 0)
    return complain(outside(std::to_string(from.integer), /*too_low=*/true));
  return static_cast<std::uint64_t>(from.integer);
}

std::string count_form::write(std::uint64_t value) const {
  return std::to_string(value);
}

std::string count_form::complaint(std::uint64_t value) const {
  if (value < lowest || value > highest)
    return outside(std::to_string(value), value < lowest);
  return {};
}

namespace {

/// What may become the name of a file.
bool is_name(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789._-";
  constexpr std::size_t size_max = 64;
  return text.size() <= size_max && text != "." && text != ".."
         && text.find_first_not_of(allowed) == std::string_view::npos;
}

} // namespace

std::string text_form::allowed() const {
  switch (demanded) {
  case rule::absolute_path:
    return "an absolute path";
  case rule::absolute_path_or_empty:
    return "an absolute path, or empty";
  case rule::input_file:
    return "a path, \"-\", or empty";
  case rule::url:
    return "http://host[:port][/path] or https://..., or empty";
  case rule::group_name:
    return "the name of a group, or empty";
  case rule::name_or_empty:
    return "a name of letters, digits, '.', '_' and '-', or empty";
  case rule::listen_address:
    return "a numeric address and a port, or empty";
  case rule::host_and_port:
    return "a host and a port, or empty";
  case rule::ipv4_address:
    return "an IPv4 address, or empty";
  case rule::ipv6_network:
    return "an IPv6 network of /64, or empty";
  case rule::ipv6_address:
    return "an IPv6 address, or empty";
  case rule::ipv6_range:
    return "an IPv6 address and the length of its network, or empty";
  }
  return {};
}

expected<std::string> text_form::read(const raw_value& from) const {
  if (from.what != raw_value::kind::text)
    return found(from);
  return from.text;
}

std::string text_form::write(const std::string& value) const {
  return quoted(value);
}

namespace {

using ip_kind = workloads::ip_address::kind;

bool is_ipv4(const std::string& value) {
  const auto read = workloads::parse_ip(value);
  return read && read->family == ip_kind::v4;
}

bool is_ipv6(const std::string& value) {
  const auto read = workloads::parse_ip(value);
  return read && read->family == ip_kind::v6;
}

bool is_ipv6_range(const std::string& value) {
  const auto read = workloads::parse_cidr(value);
  return read && read->address.family == ip_kind::v6;
}

bool is_ipv6_network(const std::string& value) {
  constexpr int prefix = 64;
  const auto read = workloads::parse_cidr(value);
  return read && read->address.family == ip_kind::v6 && read->prefix == prefix;
}

} // namespace

std::string text_form::complaint(const std::string& value) const {
  if (has_control_character(value))
    return "it holds a control character";
  if (value.empty())
    return demanded == rule::absolute_path ? "it is empty" : "";
  if (demanded == rule::url)
    return url_complaint(value);
  if (demanded == rule::name_or_empty)
    return is_name(value) ? "" : quoted(value) + " is not a name";
  if (demanded == rule::listen_address) {
    const auto parsed = parse_listen_address(value);
    return parsed ? "" : parsed.error().message;
  }
  if (demanded == rule::host_and_port) {
    const auto parsed = parse_host_and_port(value);
    return parsed ? "" : parsed.error().message;
  }
  if (demanded == rule::ipv4_address)
    return is_ipv4(value) ? "" : quoted(value) + " is no IPv4 address";
  if (demanded == rule::ipv6_address)
    return is_ipv6(value) ? "" : quoted(value) + " is no IPv6 address";
  if (demanded == rule::ipv6_range)
    return is_ipv6_range(value) ? ""
                                : quoted(value)
                                    + " is no IPv6 address with the length of "
                                      "its network, like 2001:db8::5/64";
  if (demanded == rule::ipv6_network)
    return is_ipv6_network(value)
             ? ""
             : quoted(value) + " is no IPv6 network of /64";
  if (demanded != rule::input_file && demanded != rule::group_name
      && value.front() != '/')
    return quoted(value) + " is not an absolute path";
  return {};
}

std::string words_form::allowed() const {
  std::string all;
  for (const auto word : words)
    all.append(all.empty() ? "any of " : ", ").append(quoted(word));
  return all;
}

namespace {

using texts = std::vector<std::string>;

expected<texts> read_texts(const raw_value& from) {
  if (from.what != raw_value::kind::texts)
    return found(from);
  return from.texts;
}

std::string write_texts(const texts& value) {
  std::string out = "[";
  for (const auto& word : value)
    out.append(out.size() > 1 ? ", " : "").append(quoted(word));
  return out.append("]");
}

/// The first that stands there a second time; null if none does.
const std::string* repeated(const texts& value) {
  for (auto word = value.begin(); word != value.end(); ++word)
    if (std::find(value.begin(), word, *word) != word)
      return &*word;
  return nullptr;
}

} // namespace

expected<words_form::value_type> words_form::read(const raw_value& from) const {
  return read_texts(from);
}

std::string words_form::write(const value_type& value) const {
  return write_texts(value);
}

std::string words_form::complaint(const value_type& value) const {
  for (const auto& word : value)
    if (std::find(words.begin(), words.end(), word) == words.end()) {
      const auto why = reason == nullptr ? std::string{} : reason(word);
      return why.empty() ? quoted(word) + " is not a choice" : why;
    }
  const auto* twice = repeated(value);
  return twice == nullptr ? "" : quoted(*twice) + " stands there twice";
}

std::string domains_form::allowed() const {
  return "names of DNS in lower case, without a dot at the end";
}

expected<domains_form::value_type>
domains_form::read(const raw_value& from) const {
  return read_texts(from);
}

std::string domains_form::write(const value_type& value) const {
  return write_texts(value);
}

std::string domains_form::complaint(const value_type& value) const {
  for (const auto& name : value) {
    const auto read = workloads::parse_domain(name);
    if (!read)
      return read.error().message;
    if (*read != name)
      return quoted(name) + " is not in lower case";
  }
  const auto* twice = repeated(value);
  return twice == nullptr ? "" : quoted(*twice) + " stands there twice";
}

std::string command_form::allowed() const {
  return "a program by its absolute path, and its arguments; or an empty list";
}

expected<command_form::value_type>
command_form::read(const raw_value& from) const {
  return read_texts(from);
}

std::string command_form::write(const value_type& value) const {
  return write_texts(value);
}

std::string command_form::complaint(const value_type& value) const {
  for (const auto& word : value)
    if (has_control_character(word))
      return "it holds a control character";
  if (!value.empty() && !value.front().starts_with('/'))
    return quoted(value.front()) + " is not an absolute path";
  return {};
}

} // namespace provision::config
