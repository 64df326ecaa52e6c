#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/signer.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"

/// The signature that the explorer's clients put under HTTP requests: the
/// "Signature" scheme of draft-cavage with ed25519, covering the time and the
/// caller's name, not the body.
namespace provision {

/// Names and values, in wire order.
using http_headers = std::vector<std::pair<std::string, std::string>>;

/// Authorization, Date and Threebot-Id for a request made at `at` by
/// `identity`: a node id, or a user's number in decimal. The signer's error if
/// it has one; errc::malformed_input for a time beyond the years 1 to 9999.
expected<http_headers> sign_http_request(std::string_view identity,
                                         const signer& key, timestamp at);

/// What a server has received of a request.
struct http_request_head {
  std::string_view method = {};
  /// Path with query.
  std::string_view target = {};
  const http_headers& headers;
};

/// The raw public key that `key_id` stands for. errc::unknown_user means that
/// there is none; any other error is passed on as it is.
using http_key_lookup
  = std::function<expected<std::string>(std::string_view key_id)>;

/// The key lookup of routes for nodes, where the key id is the node id. Yields
/// an empty key for anything but a node id, as the original explorer does.
expected<std::string> find_node_key(std::string_view key_id);

/// The key id whose owner signed the request. errc::bad_signature with the
/// original explorer's text for what is wrong, such as "keyId is required"; it
/// goes after "unauthorized access: ". As there, `now` only stands in for a
/// missing Date, and neither age nor repetition is looked at.
expected<std::string> verify_http_request(const http_request_head& request,
                                          const http_key_lookup& find_key,
                                          timestamp now);

/// "Thu, 25 Feb 2021 10:47:30 GMT"; errc::malformed_input for a time beyond
/// the years 1 to 9999.
expected<std::string> format_http_date(timestamp at);

/// Reads what format_http_date() writes, the form that HTTP wants of a Date
/// header; errc::malformed_input for any other text.
expected<timestamp> parse_http_date(std::string_view text);

} // namespace provision
