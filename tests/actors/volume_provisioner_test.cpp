#include <boost/test/unit_test.hpp>

#include "actors/provisioners/volume.hpp"
#include "backends/simulated/volume_backend.hpp"
#include "messages/json/json.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;

BOOST_AUTO_TEST_SUITE(volume_provisioner_test)

namespace {

reservation decoded(reservation r) {
  json::decode_workload(r);
  return r;
}

} // namespace

BOOST_AUTO_TEST_CASE(makes_a_volume_of_the_size_that_was_asked) {
  auto host = std::make_shared<simulated_volumes>();
  auto both
    = volume_functions(std::make_shared<simulated_volume_backend>(host));
  auto r = decoded(a_volume("7-1"));
  BOOST_CHECK_EQUAL(*both.provision(r), R"({"volume_id":"7-1"})");
  BOOST_CHECK_EQUAL(host->volumes().at("7-1"), 10ULL << 30U);
  // As after a crash: the same again.
  BOOST_CHECK_EQUAL(*both.provision(r), R"({"volume_id":"7-1"})");
  BOOST_CHECK_EQUAL(host->volumes().size(), 1);
  BOOST_CHECK(!both.decommission(r));
  BOOST_CHECK(!both.decommission(r));
  BOOST_CHECK(host->volumes().empty());
}

BOOST_AUTO_TEST_CASE(keeps_the_file_system_of_the_reservation_it_replaces) {
  auto host = std::make_shared<simulated_volumes>();
  auto both
    = volume_functions(std::make_shared<simulated_volume_backend>(host));
  auto r = decoded(a_volume("100-1"));
  r.reference = "5-2";
  BOOST_CHECK_EQUAL(*both.provision(r), R"({"volume_id":"5-2"})");
  BOOST_CHECK_EQUAL(host->volumes().count("5-2"), 1);
  both.decommission(r);
  BOOST_CHECK(host->volumes().empty());
}

BOOST_AUTO_TEST_CASE(refuses_sizes_that_no_volume_has) {
  auto host = std::make_shared<simulated_volumes>();
  auto both
    = volume_functions(std::make_shared<simulated_volume_backend>(host));
  for (auto* data : {R"({"size":0,"type":"ssd"})",
                     R"({"size":18446744073709551615,"type":"ssd"})", "{}"}) {
    auto r = a_volume("7-1");
    r.data = data;
    auto answer = both.provision(decoded(r));
    BOOST_REQUIRE(!answer);
    BOOST_CHECK(answer.error().code == errc::invalid_reservation);
  }
  // Nothing was decoded at all.
  BOOST_CHECK(!both.provision(a_volume("7-1")));
  BOOST_CHECK(host->calls().empty());
}

BOOST_AUTO_TEST_CASE(hands_on_what_the_host_says) {
  auto host = std::make_shared<simulated_volumes>();
  auto both
    = volume_functions(std::make_shared<simulated_volume_backend>(host));
  auto r = decoded(a_volume("7-1"));
  host->fail_for("7-1", {.what = {errc::backend_failure, "pool full"}});
  BOOST_CHECK_EQUAL(both.provision(r).error().message, "pool full");
  BOOST_CHECK_EQUAL(both.decommission(r).message, "pool full");
  host->heal("7-1");
  BOOST_CHECK(both.provision(r));
}

BOOST_AUTO_TEST_SUITE_END()
