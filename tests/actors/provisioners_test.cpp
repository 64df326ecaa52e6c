#include <boost/test/unit_test.hpp>

#include <stdexcept>

#include "actors/counters_stream.hpp"
#include "actors/provisioners/function_provisioner.hpp"
#include "actors/provisioners/volume.hpp"
#include "actors/statser.hpp"
#include "backends/simulated/volume_backend.hpp"
#include "messages/json/json.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace {

struct provisioner_fixture : deterministic {
  void start(workload_functions functions) {
    actor = spawn(function_provisioner, std::move(functions));
  }

  expected<provisioned_workload> provision() {
    return ask<provisioned_workload>(actor, provision_workload{what});
  }

  expected<done> decommission() {
    return ask<done>(actor, decommission_workload{what});
  }

  reservation_ptr what = std::make_shared<reservation>(a_volume("7-1"));
  provisioner_actor actor;
};

reservation decoded(reservation r) {
  json::decode_workload(r);
  return r;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(function_provisioner_test, provisioner_fixture)

BOOST_AUTO_TEST_CASE(yields_what_the_function_returns) {
  start({[](const reservation& r) -> expected<std::string> {
           return "\"" + r.id + "\"";
         },
         [](const reservation&) { return error{}; }});
  BOOST_CHECK_EQUAL(provision()->data, "\"7-1\"");
  BOOST_CHECK(decommission());
  BOOST_CHECK(ask<done>(actor, probe_provisioner{}));
}

BOOST_AUTO_TEST_CASE(hands_errors_on_as_they_are) {
  start({[](const reservation&) -> expected<std::string> {
           return fail(errc::backend_failure, "no pool", 5);
         },
         [](const reservation&) {
           return error{errc::backend_failure, "busy", 16};
         }});
  BOOST_CHECK(provision().error()
              == (error{errc::backend_failure, "no pool", 5}));
  BOOST_CHECK(decommission().error()
              == (error{errc::backend_failure, "busy", 16}));
}

BOOST_AUTO_TEST_CASE(survives_what_the_functions_throw) {
  bool odd = false;
  start({[&](const reservation&) -> expected<std::string> {
           if (odd)
             throw 42;
           throw std::runtime_error{"bug 1"};
         },
         [&](const reservation&) -> error {
           if (odd)
             throw 42;
           throw std::runtime_error{"bug 2"};
         }});
  BOOST_CHECK(provision().error() == (error{errc::provision_failed, "bug 1"}));
  BOOST_CHECK(decommission().error()
              == (error{errc::decommission_failed, "bug 2"}));
  odd = true;
  BOOST_CHECK(provision().error().code == errc::provision_failed);
  BOOST_CHECK(decommission().error().code == errc::decommission_failed);
}

BOOST_AUTO_TEST_CASE(says_so_when_there_is_no_decommissioner) {
  start(
    {[](const reservation&) -> expected<std::string> { return "null"; }, {}});
  BOOST_CHECK(decommission().error().code == errc::type_not_offered);
}

BOOST_AUTO_TEST_CASE(says_so_when_there_is_no_provisioner) {
  start({});
  BOOST_CHECK(!provision());
  BOOST_CHECK(ask<done>(actor, probe_provisioner{}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(volume_provisioner_test)

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

BOOST_FIXTURE_TEST_SUITE(counters_stream_test, deterministic)

BOOST_AUTO_TEST_CASE(sends_to_every_subscriber_at_the_interval) {
  auto numbers = std::make_shared<ledger>();
  auto stream = spawn(counters_stream, spawn(statser_behavior, numbers), 2s);
  std::vector<std::int64_t> first;
  std::vector<std::int64_t> second;
  auto listen = [&](std::string name, std::vector<std::int64_t>& heard) {
    caf::anon_send(
      stream, subscribe_counters{std::move(name), [&heard](auto& counters) {
                                   heard.push_back(counters.volume);
                                 }});
    run();
  };
  listen("first", first);
  advance(2s);
  numbers->increment({reservation_types::volume, {}, {}});
  listen("second", second);
  advance(4s);
  caf::anon_send(stream, unsubscribe_counters{"first"});
  advance(2s);
  std::vector<std::int64_t> all{0, 1, 1};
  BOOST_CHECK_EQUAL_COLLECTIONS(first.begin(), first.end(), all.begin(),
                                all.end());
  BOOST_CHECK_EQUAL(second.size(), 3);
}

BOOST_AUTO_TEST_CASE(does_nothing_while_nobody_listens) {
  auto stream = spawn(counters_stream,
                      spawn(statser_behavior, std::make_shared<ledger>()), 2s);
  int heard = 0;
  auto subscribe = [&] {
    caf::anon_send(stream, subscribe_counters{"one", [&](auto&) { ++heard; }});
  };
  subscribe();
  advance(2s);
  caf::anon_send(stream, unsubscribe_counters{"one"});
  advance(4s);
  BOOST_CHECK_EQUAL(heard, 1);
  scheduler.advance_time(1h);
  BOOST_CHECK_EQUAL(run(), 0);
  // Once more, and one timer only, however often somebody subscribes.
  subscribe();
  subscribe();
  advance(2s);
  BOOST_CHECK_EQUAL(heard, 2);
}

BOOST_AUTO_TEST_SUITE_END()
