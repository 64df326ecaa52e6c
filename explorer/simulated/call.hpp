#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "explorer/simulated/fault_plan.hpp"
#include "http/http_server.hpp"
#include "identity/http_signature.hpp"

namespace provision::simulated {

/// One request on its way to whoever serves it.
struct call {
  const http_server_request& request;
  /// Decoded path.
  std::string path = {};
  /// Decoded query parameters, in the order of the query.
  std::vector<std::pair<std::string, std::string>> query = {};
  /// What the variable parts of the route matched, in order.
  std::vector<std::string> variables = {};
  /// Key id of a caller whose signature was verified; else empty.
  std::string caller = {};
  fault_draw fault = {};

  /// First value of the query parameter; empty if absent.
  std::string_view parameter(std::string_view name) const noexcept;
};

/// Splits the target of `request` into path and query and decodes both.
call read_call(const http_server_request& request);

/// The part of the request that its signature is about.
http_request_head head_of(const http_server_request& request);

/// First value of the header called `name` (lower case); empty if absent.
std::string_view header_of(const http_server_request& request,
                           std::string_view name) noexcept;

/// `path` without empty and dot segments, as Go's router wants it.
std::string clean_path(std::string_view path);

/// The decimal number that `text` is; the error is Go's, for example
/// strconv.ParseInt: parsing "x": invalid syntax.
expected<std::int64_t> parse_integer(std::string_view text);

} // namespace provision::simulated
