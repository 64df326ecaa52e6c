#include <boost/test/unit_test.hpp>

#include "actors/counters_stream.hpp"
#include "actors/statser.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

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
