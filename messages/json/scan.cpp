#include "messages/json/scan.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace provision::json {

namespace {

/// The scanner recurses; no configuration may ask for more.
constexpr std::size_t depth_ceiling = 512;

constexpr std::uint64_t every_byte = 0x0101010101010101;
constexpr std::uint64_t high_bits = 0x8080808080808080;

/// Marks the zero bytes among eight by their high bits. Marks above the lowest
/// one may be false.
constexpr std::uint64_t zero_marks(std::uint64_t bytes) noexcept {
  return (bytes - every_byte) & ~bytes & high_bits;
}

/// Marks control bytes, quotes and backslashes in the same way.
constexpr std::uint64_t special_marks(std::uint64_t bytes) noexcept {
  auto control = (bytes - every_byte * 0x20) & ~bytes & high_bits;
  return control | zero_marks(bytes ^ every_byte * '"')
         | zero_marks(bytes ^ every_byte * '\\');
}

constexpr bool is_special(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// A strict reader of the grammar that keeps nothing.
class scanner {
public:
  scanner(std::string_view text, const limits& bounds)
    : begin_{text.data()}, at_{begin_}, end_{begin_ + text.size()},
      depth_max_{std::min(bounds.depth_max, depth_ceiling)},
      elements_max_{bounds.elements_max} {}

  error run() {
    skip_space();
    if (at_ == end_)
      return {errc::malformed_input, "empty text"};
    if (value(0)) {
      skip_space();
      if (at_ != end_)
        broken("text after the value");
    }
    return std::move(failure_);
  }

private:
  bool broken(std::string_view why) {
    return refuse(errc::malformed_input, "not JSON", why);
  }

  bool refuse(errc code, std::string_view what, std::string_view why) {
    failure_
      = {code, std::string{what} + " at byte " + std::to_string(at_ - begin_)
                 + ": " + std::string{why}};
    return false;
  }

  void skip_space() noexcept {
    while (at_ != end_ && is_space(*at_))
      ++at_;
  }

  /// Whether the next byte is `c`; steps over it if so.
  bool take(char c) noexcept {
    if (at_ == end_ || *at_ != c)
      return false;
    ++at_;
    return true;
  }

  bool value(std::size_t depth) {
    if (at_ == end_)
      return broken("the text ends early");
    switch (*at_) {
    case '{':
      return elements(depth + 1, '}');
    case '[':
      return elements(depth + 1, ']');
    case '"':
      return string();
    case 't':
      return literal("true");
    case 'f':
      return literal("false");
    case 'n':
      return literal("null");
    default:
      return number();
    }
  }

  /// The inside of an object or array, up to `closing`.
  bool elements(std::size_t depth, char closing) {
    if (depth > depth_max_)
      return refuse(errc::input_too_large, "nested too deep",
                    "the limit is " + std::to_string(depth_max_));
    ++at_;
    skip_space();
    if (take(closing))
      return true;
    for (std::size_t count = 1;; ++count) {
      if (count > elements_max_)
        return refuse(errc::input_too_large, "too many elements",
                      "the limit is " + std::to_string(elements_max_));
      skip_space();
      if ((closing == '}' && !key()) || !value(depth))
        return false;
      skip_space();
      if (take(closing))
        return true;
      if (!take(','))
        return broken(at_ == end_ ? "the text ends early" : "expected a comma");
    }
  }

  bool key() {
    if (at_ == end_ || *at_ != '"')
      return broken("expected a key");
    if (!string())
      return false;
    skip_space();
    if (!take(':'))
      return broken("expected a colon");
    skip_space();
    return true;
  }

  bool string() {
    ++at_;
    for (;;) {
      at_ = find_special(at_, end_);
      if (at_ == end_)
        return broken("a string does not end");
      if (take('"'))
        return true;
      if (*at_ != '\\')
        return broken("a control byte in a string");
      if (!escape())
        return false;
    }
  }

  bool escape() {
    ++at_;
    if (take('u')) {
      if (end_ - at_ < 4 || !std::all_of(at_, at_ + 4, is_hex))
        return broken("expected four hex digits");
      at_ += 4;
      return true;
    }
    if (at_ == end_
        || std::string_view{"\"\\/bfnrt"}.find(*at_) == std::string_view::npos)
      return broken("an unknown escape in a string");
    ++at_;
    return true;
  }

  bool literal(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size()
        || std::memcmp(at_, word.data(), word.size()) != 0)
      return broken("expected a value");
    at_ += word.size();
    return true;
  }

  bool digits() noexcept {
    const auto* first = at_;
    while (at_ != end_ && is_digit(*at_))
      ++at_;
    return at_ != first;
  }

  bool number() {
    auto negative = take('-');
    if (!take('0') && !digits())
      return broken(negative ? "expected a digit" : "expected a value");
    if (take('.') && !digits())
      return broken("expected a digit");
    if (take('e') || take('E')) {
      if (!take('+'))
        take('-');
      if (!digits())
        return broken("expected a digit");
    }
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t depth_max_;
  std::size_t elements_max_;
  error failure_ = {};
};

} // namespace

const char* find_special(const char* at, const char* end) noexcept {
  while (end - at >= 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    if (auto marks = special_marks(bytes); marks != 0) {
      if constexpr (std::endian::native == std::endian::little)
        return at + std::countr_zero(marks) / 8;
      break;
    }
    at += sizeof bytes;
  }
  while (at != end && !is_special(*at))
    ++at;
  return at;
}

error scan(std::string_view text, const limits& bounds) {
  if (text.size() > bounds.document_bytes_max)
    return {errc::input_too_large,
            "text of " + std::to_string(text.size()) + " bytes, the limit is "
              + std::to_string(bounds.document_bytes_max)};
  return scanner{text, bounds}.run();
}

} // namespace provision::json
