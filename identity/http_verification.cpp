#include "identity/http_signature.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "identity/authorization_header.hpp"
#include "identity/ed25519.hpp"
#include "identity/node_key.hpp"

namespace provision {

namespace {

using authorization::parameters;
using authorization::to_lower;
using authorization::trim;

constexpr std::array<std::string_view, 3> required_items{"(created)", "date",
                                                         "threebot-id"};

tl::unexpected<error> refuse(std::string reason) {
  return fail(errc::bad_signature, std::move(reason));
}

std::vector<std::string_view> values_of(const http_headers& headers,
                                        std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : headers)
    if (to_lower(key) == name)
      values.push_back(trim(value));
  return values;
}

std::optional<parameters> read_authorization(const http_headers& headers) {
  auto values = values_of(headers, "authorization");
  for (auto value = values.rbegin(); value != values.rend(); ++value)
    if (auto found = authorization::read(*value))
      return found;
  return std::nullopt;
}

/// The value or values that stand for one covered item in the signed text.
expected<std::vector<std::string>>
covered_values(const http_request_head& request, const parameters& given,
               const std::string& item, timestamp now) {
  if (item == "(request-target)")
    return {{to_lower(request.method) + " "
             + (request.target.empty() ? "/" : std::string{request.target})}};
  if (item == "(created)")
    return {{std::to_string(given.created)}};
  if (item == "(expires)")
    return {{std::to_string(given.expires)}};
  auto values = values_of(request.headers, item);
  if (item == "host")
    return {{values.empty() ? std::string{} : std::string{values.front()}}};
  if (item == "date") {
    if (!values.empty() && !values.front().empty())
      return {{std::string{values.front()}}};
    return format_http_date(now).map(
      [](std::string date) { return std::vector{std::move(date)}; });
  }
  if (values.empty())
    return refuse("expected " + item + " to exists");
  return std::vector<std::string>{values.begin(), values.end()};
}

expected<std::string> signed_text(const http_request_head& request,
                                  const parameters& given, timestamp now) {
  std::string text;
  for (const auto& item : given.items) {
    auto values = covered_values(request, given, item, now);
    if (!values)
      return fail(values.error());
    for (const auto& value : *values) {
      if (!text.empty())
        text += '\n';
      text += item + ": " + value;
    }
  }
  return text;
}

error check_parameters(const parameters& given) {
  if (given.key_id.empty())
    return {errc::bad_signature, "keyId is required"};
  if (given.algorithm.empty())
    return {errc::bad_signature, "algorithm is required"};
  if (given.signature.empty())
    return {errc::bad_signature, "signature is required"};
  for (auto item : required_items)
    if (std::find(given.items.begin(), given.items.end(), item)
        == given.items.end())
      return {errc::bad_signature, "missing required header in signature \""
                                     + std::string{item} + "\""};
  return {};
}

error check_signature(const parameters& given, std::string_view text,
                      std::string_view key) {
  if (given.algorithm != "ed25519")
    return {errc::bad_signature, "algorithm \"" + given.algorithm
                                   + "\" is not supported by key \""
                                   + given.key_id + "\""};
  if (key.size() != ed25519::public_key_size)
    return {errc::bad_signature, "public key has the wrong size"};
  if (!ed25519::matches(given.signature, text, key))
    return {errc::bad_signature, "signature verification failed"};
  return {};
}

} // namespace

expected<std::string> find_node_key(std::string_view key_id) {
  return public_key_of_node_id(key_id).value_or(std::string{});
}

expected<std::string> verify_http_request(const http_request_head& request,
                                          const http_key_lookup& find_key,
                                          timestamp now) {
  auto given = read_authorization(request.headers);
  if (!given)
    return refuse("no params present");
  if (auto flaw = check_parameters(*given))
    return fail(std::move(flaw));
  auto text = signed_text(request, *given, now);
  if (!text)
    return text;
  auto key = find_key(given->key_id);
  if (!key && key.error().code == errc::unknown_user)
    return refuse("no key with id \"" + given->key_id + "\"");
  if (!key)
    return key;
  if (auto flaw = check_signature(*given, *text, *key))
    return fail(std::move(flaw));
  return given->key_id;
}

} // namespace provision
