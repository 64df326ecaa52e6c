#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/timestamp.hpp"

/// The value of an Authorization header of the scheme "Signature".
namespace provision::authorization {

/// The parameters of an Authorization header that anybody reads.
struct parameters {
  std::string key_id = {};
  std::string algorithm = {};
  std::string signature = {};
  std::vector<std::string> items = {};
  std::int64_t created = timestamp::zero_seconds;
  std::int64_t expires = timestamp::zero_seconds;
};

/// What the header's `value` says: every name="value" in it, whatever stands
/// between; the last of several with one name wins. Nothing if the scheme is
/// another or there is no parameter at all.
std::optional<parameters> read(std::string_view value);

/// `text` with the ASCII letters in lower case, whatever the locale.
std::string to_lower(std::string_view text);

/// `text` without the white space around it.
std::string_view trim(std::string_view text) noexcept;

} // namespace provision::authorization
