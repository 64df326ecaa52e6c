#include "identity/reservation_signature.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

#include "identity_support.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(reservation_signature_test)

namespace {

reservation a_volume() {
  reservation r;
  r.id = "100-1";
  r.node_id = the_node().node_id();
  r.user_id = the_user().node_id();
  r.type = reservation_types::volume;
  r.data = R"({"size":10,"type":"ssd"})";
  return r;
}

} // namespace

BOOST_AUTO_TEST_CASE(verifies_what_the_user_signed) {
  auto r = a_volume();
  BOOST_CHECK(!sign(r, the_user().seed()));
  BOOST_CHECK_EQUAL(r.signature.size(), 64u);
  BOOST_CHECK(r.signature
              == the_user().sign(r.node_id + r.user_id + "volume" + r.data));
  BOOST_CHECK(!verify(r));
}

BOOST_AUTO_TEST_CASE(takes_the_key_in_either_form) {
  auto r = a_volume();
  BOOST_CHECK(!sign(r, the_user().private_key()));
  BOOST_CHECK(!verify(r));
  BOOST_CHECK(sign(r, secret{"short"}).code == errc::malformed_input);
}

BOOST_AUTO_TEST_CASE(refuses_it_once_a_covered_field_changed) {
  const std::vector<std::function<void(reservation&)>> changes{
    [](reservation& r) { r.node_id = the_user().node_id(); },
    [](reservation& r) { r.user_id = the_node().node_id(); },
    [](reservation& r) { r.type = reservation_types::zdb; },
    [](reservation& r) { r.data += " "; },
  };
  for (const auto& change : changes) {
    auto r = a_volume();
    BOOST_CHECK(!sign(r, the_user().seed()));
    change(r);
    auto refusal = verify(r);
    BOOST_CHECK(refusal.code == errc::bad_signature);
    BOOST_CHECK_EQUAL(refusal.message,
                      "reservation 100-1: signature does not match");
  }
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_it) {
  auto r = a_volume();
  BOOST_CHECK_EQUAL(verify(r).message,
                    "reservation 100-1: signature is missing");
  r.signature = "short";
  BOOST_CHECK_EQUAL(verify(r).message,
                    "reservation 100-1: signature has 5 bytes instead of 64");
  r.user_id = "7";
  BOOST_CHECK_EQUAL(verify(r).message,
                    "reservation 100-1: user_id is not a key");
}

BOOST_AUTO_TEST_SUITE_END()
