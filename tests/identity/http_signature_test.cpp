#include "identity/http_signature.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "identity_support.hpp"
#include "messages/base64.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(http_signature_test)

namespace {

constexpr timestamp made_at = from_unix(1614250050);
const std::string made_date = "Thu, 25 Feb 2021 10:47:30 GMT";
const std::string node_id = "FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85";

expected<std::string> find_user(std::string_view key_id) {
  if (key_id != "7")
    return fail(errc::unknown_user, "no such user");
  return the_user().public_key();
}

http_headers signed_headers() {
  return sign_http_request(node_id, ed25519_signer{the_node()}, made_at)
    .value();
}

/// Headers whose Authorization has these parameters.
http_headers with(std::string parameters) {
  return {{"Authorization", "Signature " + std::move(parameters)},
          {"Date", made_date},
          {"Threebot-Id", "7"}};
}

/// Key id, or the text of the refusal.
std::string verdict(const http_headers& headers,
                    const http_key_lookup& find_key = find_node_key) {
  auto caller
    = verify_http_request({"PUT", "/api/v1/x?y=z", headers}, find_key, made_at);
  if (caller)
    return "accepted " + *caller;
  BOOST_CHECK(caller.error().code == errc::bad_signature);
  return caller.error().message;
}

std::string signature_of(const std::string& text) {
  return base64::encode(the_user().sign(text));
}

void replace(std::string& text, const std::string& what,
             const std::string& with) {
  auto place = text.find(what);
  BOOST_REQUIRE(place != std::string::npos);
  text.replace(place, what.size(), with);
}

} // namespace

BOOST_AUTO_TEST_CASE(makes_the_protocols_known_headers_of_a_node) {
  auto headers = signed_headers();
  BOOST_REQUIRE_EQUAL(headers.size(), 3u);
  BOOST_CHECK_EQUAL(headers[0].first, "Authorization");
  BOOST_CHECK_EQUAL(
    headers[0].second,
    "Signature keyId=\"FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85\","
    "algorithm=\"ed25519\",created=\"1614250050\","
    "expires=\"'\xEF\xBF\xBD'\",headers=\"(created) date threebot-id\","
    "signature=\"+zAi8ZtPYpN2azG3MPUfF2EDcAvDdLiDXb2MWQJEjWZqzutPAkQ5q9kQDldE"
    "833FPSjC+c3XPBq6TfUatUmEAw==\"");
  BOOST_CHECK_EQUAL(headers[1].first, "Date");
  BOOST_CHECK_EQUAL(headers[1].second, made_date);
  BOOST_CHECK_EQUAL(headers[2].first, "Threebot-Id");
  BOOST_CHECK_EQUAL(headers[2].second, node_id);
}

BOOST_AUTO_TEST_CASE(makes_the_protocols_known_headers_of_a_user) {
  auto headers = sign_http_request("7", ed25519_signer{the_user()}, made_at);
  BOOST_REQUIRE(headers);
  BOOST_CHECK_EQUAL(
    headers->front().second,
    "Signature keyId=\"7\",algorithm=\"ed25519\",created=\"1614250050\","
    "expires=\"'\xEF\xBF\xBD'\",headers=\"(created) date threebot-id\","
    "signature=\"dwK8v0ZMm+xHtbPds4M+z10AzyHi69prGtXOMBzMoAtSIuNWSHpQ1kCdpoj0"
    "5QP3PUPmSQTH3ZCegpUuhOUHBA==\"");
  BOOST_CHECK_EQUAL(verdict(*headers, find_user), "accepted 7");
}

BOOST_AUTO_TEST_CASE(writes_dates_in_the_headers_form) {
  BOOST_CHECK(format_http_date(from_unix(0))
              == "Thu, 01 Jan 1970 00:00:00 GMT");
  BOOST_CHECK(format_http_date({}) == "Mon, 01 Jan 0001 00:00:00 GMT");
  BOOST_CHECK(format_http_date(from_unix(-1))
              == "Wed, 31 Dec 1969 23:59:59 GMT");
  BOOST_CHECK(format_http_date(from_unix(1709251199))
              == "Thu, 29 Feb 2024 23:59:59 GMT");
  BOOST_CHECK(format_http_date(from_unix(253402300799))
              == "Fri, 31 Dec 9999 23:59:59 GMT");
  BOOST_CHECK(!format_http_date(from_unix(253402300800)));
  BOOST_CHECK(!format_http_date(end_of_time));
  BOOST_CHECK(!sign_http_request("7", ed25519_signer{the_user()}, end_of_time));
}

BOOST_AUTO_TEST_CASE(reads_dates_in_the_headers_form_and_no_other) {
  for (auto seconds : {std::int64_t{0}, std::int64_t{-1},
                       std::int64_t{1709251199}, std::int64_t{253402300799}})
    BOOST_CHECK(parse_http_date(*format_http_date(from_unix(seconds)))
                == from_unix(seconds));
  for (const auto* text :
       {"", "now", "Thu, 29 Feb 2024 23:59:59", "Fri, 29 Feb 2024 23:59:59 GMT",
        "Thu, 30 Feb 2024 23:59:59 GMT", "Thu, 29 Feb 2024 24:59:59 GMT",
        "Thu, 29 Feb 2024 23:59:60 GMT", "Thu, 29 feb 2024 23:59:59 GMT",
        "Thu, 29 Feb 2024 23:59:59 GMT ", "Thu, 29 Feb 24 23:59:59 GMT",
        "Thursday, 29-Feb-24 23:59:59 GMT", "Thu, 29 Feb 2024 -3:59:59 GMT"})
    BOOST_CHECK_MESSAGE(!parse_http_date(text), text);
  BOOST_CHECK(!parse_http_date(std::string(1'000'000, '9')));
  BOOST_CHECK(!parse_http_date(std::string("Thu,\0", 5)));
}

BOOST_AUTO_TEST_CASE(accepts_its_own_headers_in_any_order_and_case) {
  auto headers = signed_headers();
  std::reverse(headers.begin(), headers.end());
  for (auto& [name, value] : headers) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    value = "  " + value + "\t";
  }
  BOOST_CHECK_EQUAL(verdict(headers), "accepted " + node_id);
}

BOOST_AUTO_TEST_CASE(takes_the_last_usable_authorization) {
  auto headers = signed_headers();
  headers.insert(headers.begin(), {"Authorization", "Signature keyId=\"8\""});
  headers.emplace_back("Authorization", "Basic dXNlcjpwYXNz");
  headers.emplace_back("Authorization", "Signature nothing quoted=here");
  BOOST_CHECK_EQUAL(verdict(headers), "accepted " + node_id);
}

BOOST_AUTO_TEST_CASE(asks_for_parameters) {
  BOOST_CHECK_EQUAL(verdict({}), "no params present");
  BOOST_CHECK_EQUAL(verdict({{"Authorization", "signature keyId=\"7\""}}),
                    "no params present");
  BOOST_CHECK_EQUAL(verdict(with("")), "no params present");
  BOOST_CHECK_EQUAL(verdict(with("keyId=7")), "no params present");
  BOOST_CHECK_EQUAL(verdict(with("keyId=\"7")), "no params present");
}

BOOST_AUTO_TEST_CASE(asks_for_key_algorithm_and_signature) {
  BOOST_CHECK_EQUAL(verdict(with("algorithm=\"ed25519\"")),
                    "keyId is required");
  BOOST_CHECK_EQUAL(verdict(with("keyId=\"\"")), "keyId is required");
  BOOST_CHECK_EQUAL(verdict(with("keyId=\"7\"")), "algorithm is required");
  BOOST_CHECK_EQUAL(verdict(with("keyId=\"7\",algorithm=\"rot13\"")),
                    "algorithm is required");
  auto start = std::string{"keyId=\"7\",algorithm=\"ed25519\""};
  BOOST_CHECK_EQUAL(verdict(with(start)), "signature is required");
  BOOST_CHECK_EQUAL(verdict(with(start + ",signature=\"%\"")),
                    "signature is required");
}

BOOST_AUTO_TEST_CASE(asks_for_the_three_covered_items) {
  auto start = std::string{
    "keyId=\"7\",algorithm=\"ed25519\",signature=\"AAAA\",headers=\""};
  auto missing = [](const std::string& item) {
    return "missing required header in signature \"" + item + "\"";
  };
  BOOST_CHECK_EQUAL(verdict(with(start + "\"")), missing("(created)"));
  BOOST_CHECK_EQUAL(verdict(with(start + "(Created)\"")), missing("date"));
  BOOST_CHECK_EQUAL(verdict(with(start + "(created)  DATE\"")),
                    missing("threebot-id"));
  BOOST_CHECK_EQUAL(
    verdict(with("keyId=\"7\",algorithm=\"ed25519\",signature=\"AAAA\"")),
    missing("(created)"));
}

BOOST_AUTO_TEST_CASE(asks_for_the_listed_headers) {
  auto headers = signed_headers();
  headers.pop_back();
  BOOST_CHECK_EQUAL(verdict(headers), "expected threebot-id to exists");
}

BOOST_AUTO_TEST_CASE(refuses_unknown_and_unusable_keys) {
  auto headers = signed_headers();
  BOOST_CHECK_EQUAL(verdict(headers, find_user),
                    "no key with id \"" + node_id + "\"");
  for (std::string id : {"7", "0OIl"}) {
    auto others = sign_http_request(id, ed25519_signer{the_user()}, made_at);
    BOOST_CHECK_EQUAL(verdict(*others), "public key has the wrong size");
  }
  auto rsa = signed_headers();
  replace(rsa[0].second, "ed25519", "rsa-sha1");
  BOOST_CHECK_EQUAL(verdict(rsa),
                    "algorithm \"rsa-sha1\" is not supported by key \""
                      + node_id + "\"");
}

BOOST_AUTO_TEST_CASE(passes_on_that_nobody_could_look_the_key_up) {
  auto headers = signed_headers();
  auto offline = [](std::string_view) -> expected<std::string> {
    return fail(errc::storage_failure, "users: read failed");
  };
  auto caller = verify_http_request({"GET", "/", headers}, offline, made_at);
  BOOST_REQUIRE(!caller);
  BOOST_CHECK(caller.error().code == errc::storage_failure);
}

BOOST_AUTO_TEST_CASE(refuses_when_something_covered_changed) {
  auto date = signed_headers();
  replace(date[1].second, ":30", ":31");
  BOOST_CHECK_EQUAL(verdict(date), "signature verification failed");
  auto created = signed_headers();
  replace(created[0].second, "1614250050", "1614250051");
  BOOST_CHECK_EQUAL(verdict(created), "signature verification failed");
  auto identity = signed_headers();
  identity[2].second = "7";
  BOOST_CHECK_EQUAL(verdict(identity), "signature verification failed");
  auto doubled = signed_headers();
  doubled.emplace_back("Threebot-Id", "7");
  BOOST_CHECK_EQUAL(verdict(doubled), "signature verification failed");
  auto shorter = signed_headers();
  replace(shorter[0].second, "Aw==", "");
  BOOST_CHECK_EQUAL(verdict(shorter), "signature verification failed");
}

BOOST_AUTO_TEST_CASE(puts_now_in_place_of_a_missing_date) {
  auto headers = signed_headers();
  headers.erase(headers.begin() + 1);
  BOOST_CHECK_EQUAL(verdict(headers), "accepted " + node_id);
  auto later = verify_http_request({"GET", "/", headers}, find_node_key,
                                   from_unix(1614250051));
  BOOST_CHECK(!later);
}

BOOST_AUTO_TEST_CASE(reads_a_missing_creation_time_as_the_originals_zero) {
  auto text
    = "(created): -62135596800\ndate: " + made_date + "\nthreebot-id: 7";
  auto parameters = "keyId=\"7\",algorithm=\"ed25519\",created=1614250050,"
                    "headers=\"(created) date threebot-id\",signature=\""
                    + signature_of(text) + "\"";
  BOOST_CHECK_EQUAL(verdict(with(parameters), find_user), "accepted 7");
}

BOOST_AUTO_TEST_CASE(covers_more_if_the_client_wants) {
  auto text = "host: explorer\n(request-target): put /api/v1/x?y=z\n"
              "(expires): 1614250110\n(created): 1614250050\ndate: "
              + made_date + "\nthreebot-id: 7\nx-many: a\nx-many: b";
  auto headers = with(
    "keyId=\"8\" , keyId = \"7\" junk algorithm=\"ed25519\",created=\"+"
    "1614250050\",expires=\"1614250110\",headers=\"Host (request-target) "
    "(expires) (created) date threebot-id X-Many\",signature=\""
    + signature_of(text) + "\"");
  headers.emplace_back("X-Many", "a");
  headers.emplace_back("host", "explorer");
  headers.emplace_back("x-many", " b ");
  BOOST_CHECK_EQUAL(verdict(headers, find_user), "accepted 7");
}

BOOST_AUTO_TEST_CASE(never_stumbles_over_damaged_headers) {
  seeded_entropy random{5};
  for (int round = 0; round < 2000; ++round) {
    auto headers = signed_headers();
    auto& text = headers[0].second;
    auto dice = random.draw(3);
    auto place
      = (static_cast<unsigned char>(dice.reveal()[0]) * 2U) % text.size();
    if (dice.reveal()[2] % 3 == 0)
      text.resize(place);
    else
      text[place] = dice.reveal()[1];
    auto caller
      = verify_http_request({"GET", "/", headers}, find_node_key, made_at);
    BOOST_CHECK(!caller || *caller == node_id);
  }
}

BOOST_AUTO_TEST_SUITE_END()
