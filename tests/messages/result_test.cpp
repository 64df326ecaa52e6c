#include "messages/result.hpp"

#include <boost/test/unit_test.hpp>

#include "messages/hex.hpp"
#include "tests/messages/golden.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(result_test)

namespace {

std::string signed_bytes(result_state state, std::string error,
                         std::string data) {
  result r;
  r.state = state;
  r.error = std::move(error);
  r.data = std::move(data);
  return hex::encode(r.bytes());
}

} // namespace

BOOST_AUTO_TEST_CASE(signs_state_error_and_data) {
  auto golden = golden_rows("results.txt");
  auto ok = [](std::string data) {
    return signed_bytes(state_ok, "", std::move(data));
  };
  BOOST_TEST(ok(R"({"volume_id":"100-1"})") == golden["volume_ok"]["bytes"]);
  BOOST_TEST(ok(R"({"id":"103-1","ip":"10.1.2.6"})")
             == golden["kubernetes_ok"]["bytes"]);
  BOOST_TEST(ok("null") == golden["network_ok"]["bytes"]);
  BOOST_TEST(ok(R"({"id":"102-1","ipv6":"\u003cnil\u003e",)"
                R"("ipv4":"10.1.2.5","yggdrasil":"\u003cnil\u003e"})")
             == golden["container_ok"]["bytes"]);
  BOOST_TEST(
    signed_bytes(state_error, R"(failed: <no space> & "quoted")", "null")
    == golden["volume_error"]["bytes"]);
}

BOOST_AUTO_TEST_CASE(signs_data_exactly_as_stored) {
  BOOST_TEST(signed_bytes(state_deleted, "", "") == "02");
  BOOST_TEST(signed_bytes(state_ok, "", "{ }") == "017b207d");
}

BOOST_AUTO_TEST_CASE(is_nil_without_time_and_data_whatever_else_is_set) {
  result r;
  BOOST_TEST(r.is_nil());
  r.created = from_unix(0);
  r.data = "null";
  BOOST_TEST(r.is_nil());
  r.state = state_deleted;
  r.type = reservation_types::network_resource;
  r.id = "1-1";
  r.signature = "ab";
  r.error = "failed";
  BOOST_TEST(r.is_nil());
}

BOOST_AUTO_TEST_CASE(is_not_nil_with_a_time_or_data) {
  result timed;
  timed.created = from_unix(5);
  BOOST_TEST(!timed.is_nil());
  timed.created = {0, 1};
  BOOST_TEST(!timed.is_nil());
  result filled;
  filled.data = "{}";
  BOOST_TEST(!filled.is_nil());
}

BOOST_AUTO_TEST_CASE(names_the_states) {
  BOOST_TEST(to_string(state_error) == "error");
  BOOST_TEST(to_string(state_ok) == "ok");
  BOOST_TEST(to_string(state_deleted) == "deleted");
  BOOST_TEST(to_string(static_cast<result_state>(9)) == "unknown");
}

BOOST_AUTO_TEST_SUITE_END()
