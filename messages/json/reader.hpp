#pragma once

#include <simdjson.h>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "messages/error.hpp"
#include "messages/json/json.hpp"

namespace provision::json {

using json_type = simdjson::ondemand::json_type;
using json_value = simdjson::ondemand::value;
using json_object = simdjson::ondemand::object;
using json_array = simdjson::ondemand::array;

/// Reads one text. Methods that can fail yield false and keep why; on the way
/// out each level adds its place to the path.
class reader {
public:
  /// Keeps a reference to `bounds`.
  explicit reader(const limits& bounds) : bounds_{bounds} {}

  /// Checks the whole text and starts reading the object in it. From here on
  /// values can be of a wrong type, but not broken.
  bool open(std::string_view text, json_object& top);

  /// Starts from the beginning again.
  bool reopen(json_object& top);

  bool fail(std::string_view why, errc code = errc::malformed_input);

  /// Fails with "expected `wanted`, got a string".
  bool mismatch(std::string_view wanted, json_value found);

  /// Adds a key or an index in front of the failure's path; yields false.
  bool at(std::string_view key);
  bool at(std::size_t index);

  /// "path: why"; the error that made a method yield false.
  error take_failure();

private:
  const limits& bounds_;
  simdjson::ondemand::document document_ = {};
  errc code_ = errc::none;
  std::string path_ = {};
  std::string why_ = {};
};

/// What kind of value is next.
json_type type_of(json_value& v) noexcept;

/// A scalar's text as it was written.
std::string_view token_of(json_value& v) noexcept;

/// Into `out`, which null leaves alone.
bool read(reader& in, json_value v, bool& out);
bool read(reader& in, json_value v, std::string& out);

/// A string or null; null is "".
bool read_text(reader& in, json_value v, std::string_view wanted,
               std::string_view& out);

/// Fails because a number is no integer of the range.
bool refuse_integer(reader& in, json_value v, std::int64_t min,
                    std::uint64_t max);

template <std::integral T>
bool read(reader& in, json_value v, T& out) {
  using range = std::numeric_limits<T>;
  auto type = type_of(v);
  if (type == json_type::null)
    return true;
  if (type != json_type::number)
    return in.mismatch("an integer", v);
  auto token = token_of(v);
  T number = 0;
  const auto* end = token.data() + token.size();
  auto [stop, failure] = std::from_chars(token.data(), end, number);
  if (failure != std::errc{} || stop != end)
    return refuse_integer(in, v, range::min(), range::max());
  out = number;
  return true;
}

} // namespace provision::json
