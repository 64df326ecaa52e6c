#include "backends/host/redis_debug_backend.hpp"

#include "tests/support/patience.hpp"
#include "tests/support/redis_double.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(redis_debug_backend_test)

namespace {

debug_order order(std::uint16_t port) {
  return {.id = "300-1",
          .host = workloads::parse_ip("127.0.0.1").value(),
          .port = port,
          .channel = "logs"};
}

std::unique_ptr<log_forwarder> forwarder(std::uint16_t port,
                                         log_forwarder_options options = {}) {
  auto made = log_forwarder::start(order(port), std::move(options));
  BOOST_REQUIRE(made);
  return std::move(*made);
}

/// A port at which nobody listens.
std::uint16_t free_port() {
  return redis_double{}.port();
}

} // namespace

BOOST_AUTO_TEST_CASE(publishes_lines_in_order_to_the_channel) {
  redis_double redis;
  const auto lines = forwarder(redis.port());
  std::vector<std::string> wanted;
  for (int i = 0; i < 200; ++i) {
    lines->offer("line\t\"" + std::to_string(i));
    wanted.push_back("logs line\t\"" + std::to_string(i));
  }
  BOOST_CHECK(eventually([&] { return lines->sent() == 200; }));
  BOOST_TEST(redis.published() == wanted, boost::test_tools::per_element());
  BOOST_CHECK_EQUAL(lines->dropped(), 0);
  BOOST_CHECK_EQUAL(redis.visits(), 1);
}

BOOST_AUTO_TEST_CASE(lines_wait_for_a_server_that_comes_later) {
  const auto port = free_port();
  std::atomic<int> lost{0};
  std::atomic<int> found{0};
  const auto lines = forwarder(port, {.on_change = [&](const error& failed) {
                                 ++(failed ? lost : found);
                               }});
  lines->offer("early");
  BOOST_CHECK(eventually([&] { return lost == 1; }));
  redis_double redis{port};
  BOOST_CHECK(eventually([&] { return redis.has("logs early"); }));
  BOOST_CHECK(eventually([&] { return found == 1; }));
  BOOST_CHECK_EQUAL(lost, 1);
}

BOOST_AUTO_TEST_CASE(the_oldest_give_way_and_their_number_is_told) {
  const auto port = free_port();
  std::atomic<bool> lost{false};
  const auto lines = forwarder(
    port, {.waiting_bytes_max = 100,
           .on_change = [&](const error& failed) { lost = bool{failed}; }});
  // In the forwarder's hand, so that it does not count below.
  lines->offer("first");
  BOOST_REQUIRE(eventually([&] { return lost.load(); }));
  for (int i = 10; i < 60; ++i)
    lines->offer("line " + std::to_string(i) + "..");
  BOOST_CHECK_EQUAL(lines->dropped(), 39);
  redis_double redis{port};
  BOOST_REQUIRE(eventually([&] { return redis.has("line 59"); }));
  const auto published = redis.published();
  BOOST_REQUIRE_EQUAL(published.size(), 13);
  BOOST_CHECK_EQUAL(published[0], "logs first");
  BOOST_CHECK_EQUAL(published[1], "logs 39 lines of the log were dropped");
  BOOST_CHECK_EQUAL(published[2], "logs line 49..");
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_delays_nobody) {
  redis_double redis{0, redis_double::mood::says_nothing};
  auto lines = forwarder(redis.port(), {.waiting_bytes_max = 1000,
                                        .patience = std::chrono::hours{1}});
  for (int i = 0; i < 10000; ++i)
    lines->offer("a line that nobody takes");
  BOOST_CHECK(eventually([&] { return redis.visits() == 1; }));
  BOOST_CHECK_GT(lines->dropped(), 9000);
  // Does not wait for the hour.
  lines.reset();
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_once_however_often_it_is_met) {
  redis_double redis{0, redis_double::mood::refuses};
  std::mutex mutex;
  std::vector<std::string> told;
  const auto lines
    = forwarder(redis.port(), {.on_change = [&](const error& failed) {
                  const std::lock_guard lock{mutex};
                  told.push_back(failed.message);
                }});
  lines->offer("secretive");
  BOOST_CHECK(eventually([&] { return redis.visits() >= 2; }));
  const std::lock_guard lock{mutex};
  BOOST_REQUIRE_EQUAL(told.size(), 1);
  BOOST_CHECK_EQUAL(told[0],
                    "the server refuses: NOAUTH Authentication required.");
}

BOOST_AUTO_TEST_CASE(a_line_without_end_is_cut) {
  redis_double redis;
  const auto lines = forwarder(redis.port(), {.line_bytes_max = 10});
  lines->offer(std::string(1000, 'x'));
  BOOST_CHECK(eventually([&] { return lines->sent() == 1; }));
  BOOST_CHECK_EQUAL(redis.published().at(0), "logs xxxxxxxxxx");
}

BOOST_AUTO_TEST_CASE(every_reservation_has_a_way_of_its_own_until_it_goes) {
  redis_double one;
  redis_double two;
  // Says a line itself, as the daemon's log does.
  redis_debug_backend* self = nullptr;
  redis_debug_backend backend{
    [&](const debug_order& what, const error& failed) {
      self->offer(what.id + (failed ? " lost" : " found"));
    }};
  self = &backend;
  auto other = order(two.port());
  other.id = "301-1";
  BOOST_CHECK(backend.inspect("300-1").state == presence::absent);
  BOOST_REQUIRE(!backend.ensure(order(one.port())));
  BOOST_REQUIRE(!backend.ensure(other));
  backend.offer("for both");
  BOOST_CHECK(eventually(
    [&] { return one.has("301-1 found") && two.has("300-1 found"); }));
  BOOST_CHECK(one.has("for both") && two.has("for both"));
  BOOST_CHECK(backend.inspect("300-1").state == presence::present);
  // The same again changes nothing; a new wish takes effect.
  BOOST_REQUIRE(!backend.ensure(other));
  BOOST_CHECK_EQUAL(two.visits(), 1);
  other.channel = "elsewhere";
  BOOST_REQUIRE(!backend.ensure(other));
  BOOST_REQUIRE(!backend.destroy("300-1"));
  BOOST_REQUIRE(!backend.destroy("300-1"));
  backend.offer("for one");
  BOOST_CHECK(eventually([&] { return two.has("elsewhere for one"); }));
  BOOST_CHECK(eventually([&] { return one.guests() == 0; }));
  BOOST_CHECK(!one.has("for one"));
}

BOOST_AUTO_TEST_SUITE_END()
