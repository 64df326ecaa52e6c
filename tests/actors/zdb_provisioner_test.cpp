#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "actors/provisioners/zdb.hpp"
#include "backends/simulated/zdb_backend.hpp"
#include "messages/json/json.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(zdb_provisioner_test)

namespace {

struct fixture {
  std::shared_ptr<simulated_zdb_backend> host
    = std::make_shared<simulated_zdb_backend>();
  workload_functions both = zdb_functions(
    {.backend = host,
     .open_secret
     = [](const reservation& r, std::string_view sealed) -> expected<secret> {
       if (sealed == "broken")
         return fail(errc::malformed_input, "does not open");
       return secret{"password of " + r.user_id};
     }});

  /// The golden namespace of user 7.
  reservation wanted = [] {
    std::ifstream file{"tests/golden/reservations/zdb.json"};
    auto r = json::read_reservation(
               std::string{std::istreambuf_iterator<char>{file}, {}})
               .value();
    json::decode_workload(r);
    return r;
  }();

  workloads::zdb& what() { return std::get<workloads::zdb>(wanted.workload); }

  void refused(const std::string& why) {
    const auto done = both.provision(wanted);
    BOOST_REQUIRE(!done);
    BOOST_TEST_INFO(done.error().message);
    BOOST_CHECK(done.error().message.find(why) != std::string::npos);
    BOOST_CHECK(host->namespaces().empty());
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(answers_as_the_original_with_capital_keys, fixture) {
  BOOST_CHECK_EQUAL(both.provision(wanted).value(),
                    R"({"Namespace":"101-1","IPs":["192.0.2.7"],"Port":9900})");
  // As after a crash: the same again.
  BOOST_CHECK(both.provision(wanted));
  BOOST_REQUIRE_EQUAL(host->namespaces().size(), 1);
  const auto made = host->namespaces().begin()->second;
  BOOST_CHECK_EQUAL(made.size_bytes, 5ULL << 30U);
  BOOST_CHECK(made.mode == workloads::zdb_mode::user);
  BOOST_CHECK_EQUAL(made.password.reveal(), "password of 7");
  BOOST_CHECK(made.is_public);
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(host->namespaces().empty());
}

BOOST_FIXTURE_TEST_CASE(goes_by_the_name_that_a_reference_gives, fixture) {
  wanted.reference = "12-1";
  BOOST_CHECK_EQUAL(both.provision(wanted).value(),
                    R"({"Namespace":"12-1","IPs":["192.0.2.7"],"Port":9900})");
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(host->namespaces().empty());
}

BOOST_FIXTURE_TEST_CASE(refuses_what_no_server_can_give, fixture) {
  what().size = 0;
  refused("size: must be at least 1 GiB");
  what().size = std::numeric_limits<std::uint64_t>::max() / 2;
  refused("size: is more than any disk has");
  what().size = 1;
  what().mode = workloads::zdb_mode{9};
  refused("mode: must be seq or user");
  what().mode = workloads::zdb_mode::seq;
  what().password = "broken";
  refused("password: does not open");
  wanted.workload = std::monostate{};
  refused("data: is not a zdb");
}

BOOST_FIXTURE_TEST_CASE(hands_on_why_the_host_failed, fixture) {
  host->fail_with({errc::host_unavailable, "the server is down"});
  const auto done = both.provision(wanted);
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::host_unavailable);
  BOOST_CHECK(both.decommission(wanted).code == errc::host_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
