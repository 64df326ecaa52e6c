#include <algorithm>
#include <cstdint>
#include <string>

#include "identity/http_signature.hpp"
#include "identity/node_key.hpp"
#include "tests/fuzz/cutting.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

namespace {

constexpr timestamp now = from_unix(1'614'250'050);

const node_key& own_key() {
  static const auto key
    = *node_key::from_seed(secret{"helloworldhelloworldhelloworld12"});
  return key;
}

/// Has never signed anything.
const node_key& silent_key() {
  static const auto key = *node_key::from_seed(secret{std::string(32, 's')});
  return key;
}

struct request {
  std::string_view method = {};
  std::string_view target = {};
  http_headers headers = {};

  http_request_head head() const { return {method, target, headers}; }
};

request to_request(std::string_view bytes) {
  request made;
  auto line = cut_at(bytes, '\n');
  made.method = cut_at(line, ' ');
  made.target = line;
  while (!bytes.empty()) {
    auto value = cut_at(bytes, '\n');
    const auto name = cut_at(value, ':');
    made.headers.emplace_back(name, value);
  }
  return made;
}

expected<std::string> verify(const request& what, const node_key& key) {
  auto find_key = [&key](std::string_view) -> expected<std::string> {
    return key.public_key();
  };
  return verify_http_request(what.head(), find_key, now);
}

void check_refusal(const expected<std::string>& caller) {
  if (!caller)
    require(caller.error().code == errc::bad_signature
              && !caller.error().message.empty(),
            "a refusal is a bad signature, and it is said why");
}

/// Whoever is let in is let in no more once a covered value has changed.
void check_that_values_are_covered(const request& good) {
  for (const auto* covered : {"date", "threebot-id"}) {
    auto bent = good;
    for (auto& [name, value] : bent.headers) {
      auto lower = name;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      if (lower == covered)
        value += "0";
    }
    require(bent.headers == good.headers || !verify(bent, own_key()),
            "a changed header is found out");
  }
}

/// What the node signs is let in; at a time and under a name of the input.
void check_own_signature(std::string_view bytes) {
  const auto number = number_in(bytes);
  const auto identity = std::to_string(number);
  const auto at = from_unix(static_cast<std::int64_t>(number >> 24U));
  auto headers = sign_http_request(identity, ed25519_signer{own_key()}, at);
  // Only years 1 to 9999 have a date.
  if (!headers)
    return;
  const request made{.method = "GET", .target = "/", .headers = *headers};
  auto caller = verify(made, own_key());
  require(caller && *caller == identity, "an own signature is let in");
  require(!verify(made, silent_key()), "another key lets nobody in");
  check_that_values_are_covered(made);
}

} // namespace

void http_signature(std::string_view bytes) {
  const auto made = to_request(bytes);
  check_refusal(verify_http_request(made.head(), find_node_key, now));
  auto silent = verify(made, silent_key());
  check_refusal(silent);
  require(!silent, "nobody is let in by a key that signed nothing");
  auto caller = verify(made, own_key());
  check_refusal(caller);
  if (caller)
    check_that_values_are_covered(made);
  check_own_signature(bytes);
}

} // namespace provision::fuzz
