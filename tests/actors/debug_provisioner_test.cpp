#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

#include "actors/provisioners/debug.hpp"
#include "messages/json/json.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(debug_provisioner_test)

namespace {

/// Remembers what it was asked for.
struct recording_backend final : debug_backend {
  debug_facts inspect(std::string_view) override { return {}; }
  error ensure(const debug_order& order) override {
    orders[order.id] = order;
    return {};
  }
  error destroy(std::string_view id) override {
    orders.erase(std::string{id});
    return {};
  }

  std::map<std::string, debug_order> orders = {};
};

struct fixture {
  std::shared_ptr<recording_backend> host
    = std::make_shared<recording_backend>();
  workload_functions both = debug_functions(host, "NODE");

  static reservation wanted(std::string data) {
    reservation r{.id = "300-1",
                  .user_id = "7",
                  .type = reservation_types::debug,
                  .data = std::move(data)};
    json::decode_workload(r);
    return r;
  }

  void refused(std::string data, const std::string& why) {
    const auto done = both.provision(wanted(std::move(data)));
    BOOST_REQUIRE(!done);
    BOOST_CHECK(done.error().code == errc::invalid_reservation);
    BOOST_TEST_INFO(done.error().message);
    BOOST_CHECK(done.error().message.find(why) != std::string::npos);
    BOOST_CHECK(host->orders.empty());
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(sends_the_log_where_it_was_asked_to, fixture) {
  const auto r = wanted(R"({"host":"10.0.0.1","port":6379,"channel":"mine"})");
  BOOST_CHECK_EQUAL(both.provision(r).value(), "null");
  BOOST_CHECK(both.provision(r));
  BOOST_REQUIRE_EQUAL(host->orders.size(), 1);
  const auto made = host->orders.at("300-1");
  BOOST_CHECK_EQUAL(workloads::to_string(made.host), "10.0.0.1");
  BOOST_CHECK_EQUAL(made.port, 6379);
  BOOST_CHECK_EQUAL(made.channel, "mine");
  BOOST_CHECK(!both.decommission(r));
  BOOST_CHECK(!both.decommission(r));
  BOOST_CHECK(host->orders.empty());
}

BOOST_FIXTURE_TEST_CASE(the_usual_channel_is_named_after_the_node, fixture) {
  BOOST_CHECK(
    both.provision(wanted(R"({"host":"2001:db8::1","port":1,"channel":""})")));
  BOOST_CHECK_EQUAL(host->orders.at("300-1").channel, "NODE-logs");
}

BOOST_FIXTURE_TEST_CASE(refuses_what_is_nowhere, fixture) {
  refused(R"({"host":"redis.example","port":1})", "names are not looked up");
  refused(R"({"host":"","port":1})", "is no address");
  refused(R"({"host":"10.0.0.1","port":0})", "port: 0 is none");
  refused(R"({"host":"10.0.0.1","port":65536})", "port: 65536 is none");
  refused("[]", "data: is not a debug");
}

BOOST_FIXTURE_TEST_CASE(what_was_written_is_read_back, fixture) {
  const auto r = wanted(R"({"host":"10.0.0.1","port":6379,"channel":"logs"})");
  BOOST_CHECK_EQUAL(json::write(r.workload), r.data);
}

BOOST_AUTO_TEST_SUITE_END()
