#include "messages/json/reader.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "messages/json/scan.hpp"
#include "messages/json/text.hpp"

namespace provision::json {

namespace {

/// Longest piece of a foreign text in an error, bytes.
constexpr std::size_t quotation_max = 200;

/// The parser's memory, kept from text to text: one parse at a time per
/// thread.
struct parse_space {
  simdjson::ondemand::parser parser{};
  std::unique_ptr<char[]> bytes = {};
  std::size_t size = 0;

  /// A copy of `text` with the readable bytes behind it that simdjson wants.
  simdjson::padded_string_view copy(std::string_view text) {
    auto wanted = text.size() + simdjson::SIMDJSON_PADDING;
    if (size < wanted) {
      size = std::max<std::size_t>(wanted, 2 * size);
      bytes = std::make_unique<char[]>(size);
    }
    std::memcpy(bytes.get(), text.data(), text.size());
    // Left-overs of a longer text must not look like its continuation.
    std::memset(bytes.get() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view{bytes.get(), text.size(), size};
  }
};

parse_space& space_of_this_thread() {
  thread_local parse_space space;
  return space;
}

std::string_view name_of(json_type type) noexcept {
  switch (type) {
  case json_type::array:
    return "an array";
  case json_type::object:
    return "an object";
  case json_type::number:
    return "a number";
  case json_type::string:
    return "a string";
  case json_type::boolean:
    return "a boolean";
  case json_type::null:
    return "null";
  }
  return "something else";
}

std::string_view first_token(std::string_view text) noexcept {
  auto first = text.find_first_not_of(" \n\r\t");
  return first == text.npos ? std::string_view{} : text.substr(first);
}

/// What the top of a text is, for texts whose top is no object.
json_type type_at(std::string_view token) noexcept {
  switch (token[0]) {
  case '[':
    return json_type::array;
  case '{':
    return json_type::object;
  case '"':
    return json_type::string;
  case 'n':
    return json_type::null;
  case 't':
  case 'f':
    return json_type::boolean;
  default:
    return json_type::number;
  }
}

/// At most `quotation_max` bytes, not cutting a character in two.
std::string_view clip(std::string_view text) noexcept {
  if (text.size() <= quotation_max)
    return text;
  auto size = quotation_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80)
    --size;
  return text.substr(0, size);
}

} // namespace

bool reader::open(std::string_view text, json_object& top) {
  if (auto broken = scan(text, bounds_))
    return fail(broken.message, broken.code);
  if (auto type = type_at(first_token(text)); type != json_type::object)
    return fail("expected an object, got " + std::string{name_of(type)});
  auto& space = space_of_this_thread();
  auto started = space.parser.iterate(space.copy(text)).get(document_);
  if (!started)
    started = document_.get_object().get(top);
  return !started || fail(simdjson::error_message(started));
}

bool reader::reopen(json_object& top) {
  document_.rewind();
  auto started = document_.get_object().get(top);
  return !started || fail(simdjson::error_message(started));
}

bool reader::fail(std::string_view why, errc code) {
  code_ = code;
  path_.clear();
  why_ = clip(why);
  return false;
}

bool reader::mismatch(std::string_view wanted, json_value found) {
  std::string why{"expected "};
  why += wanted;
  why += ", got ";
  why += name_of(type_of(found));
  return fail(why);
}

bool reader::at(std::string_view key) {
  std::string path{clip(key)};
  if (!path_.empty() && path_[0] != '[')
    path += '.';
  path_.insert(0, path);
  return false;
}

bool reader::at(std::size_t index) {
  std::string path = "[" + std::to_string(index) + "]";
  if (!path_.empty() && path_[0] != '[')
    path += '.';
  path_.insert(0, path);
  return false;
}

error reader::take_failure() {
  if (!path_.empty())
    path_ += ": ";
  return {code_, std::move(path_) + why_};
}

json_type type_of(json_value& v) noexcept {
  auto type = json_type::null;
  // The text was scanned: the next byte starts a value.
  static_cast<void>(v.type().get(type));
  return type;
}

std::string_view token_of(json_value& v) noexcept {
  auto token = v.raw_json_token();
  auto size = token.find_last_not_of(" \n\r\t");
  return token.substr(0, size + 1);
}

bool read(reader& in, json_value v, bool& out) {
  auto type = type_of(v);
  if (type == json_type::null)
    return true;
  if (type != json_type::boolean)
    return in.mismatch("true or false", v);
  out = token_of(v)[0] == 't';
  return true;
}

bool read_text(reader& in, json_value v, std::string_view wanted,
               std::string_view& out) {
  auto type = type_of(v);
  out = {};
  if (type == json_type::null)
    return true;
  if (type != json_type::string)
    return in.mismatch(wanted, v);
  auto failure = v.get_string().get(out);
  // What the scan lets pass: half of a surrogate pair.
  return !failure || in.fail("a string that names no character");
}

bool read(reader& in, json_value v, std::string& out) {
  std::string_view text;
  if (type_of(v) == json_type::null)
    return true;
  if (!read_text(in, v, "a string", text))
    return false;
  out = text;
  return true;
}

bool refuse_integer(reader& in, json_value v, std::int64_t min,
                    std::uint64_t max) {
  std::string why{"expected an integer from "};
  append_number(why, min);
  why += " to ";
  append_number(why, max);
  why += ", got ";
  why += clip(token_of(v)).substr(0, 40);
  return in.fail(why);
}

} // namespace provision::json
