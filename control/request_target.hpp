#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace provision {

/// Path and query of a request, decoded.
struct request_target {
  /// "/v1/reservations/100-1" -> {"v1", "reservations", "100-1"}.
  std::vector<std::string> path = {};
  /// The last of several values of one name counts.
  std::map<std::string, std::string, std::less<>> query = {};

  /// Empty if the query does not have it.
  std::string_view of(std::string_view name) const;

  /// A number in the query, `otherwise` if there is none;
  /// errc::malformed_input for anything but decimal digits up to `max`.
  expected<std::uint64_t> number(std::string_view name, std::uint64_t otherwise,
                                 std::uint64_t max) const;
};

/// errc::malformed_input for a path without slash or a bad escape.
expected<request_target> parse_request_target(std::string_view text);

} // namespace provision
