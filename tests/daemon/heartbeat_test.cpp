#include "daemon/heartbeat.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace heartbeat_test {
namespace {

struct fixture : node_under_test {
  /// Beats at other times than the engine asks the disk again, every second.
  void beat_for(const node_actors& whom) {
    heartbeat_options options{.interval = 900ms, .patience = 3s};
    options.on_alive
      = [this](const engine_status& engine, const feedback_status& reports) {
          ++beats;
          last = status_line(engine, reports);
        };
    keep(system.spawn(heartbeat, whom, options));
  }

  /// A feedback that answers when it is sent numbers.
  feedback_actor a_slow_feedback() {
    return keep(system.spawn(
      [this](feedback_actor::pointer self) -> feedback_actor::behavior_type {
        return {
          [](send_reports&) { return done{}; },
          [this](send_numbers&) {
            if (owed)
              owed->deliver(feedback_status{});
            owed.reset();
          },
          [this, self](read_feedback_status) -> caf::result<feedback_status> {
            owed = self->make_response_promise<feedback_status>();
            return *owed;
          }};
      }));
  }

  int beats = 0;
  std::string last = {};
  std::optional<caf::typed_response_promise<feedback_status>> owed = {};
};

} // namespace
} // namespace heartbeat_test

BOOST_FIXTURE_TEST_SUITE(heartbeat_test, fixture)

BOOST_AUTO_TEST_CASE(beats_while_all_answer) {
  start();
  beat_for({engine, cache, statser, feedback});
  give({a_volume("100-1")});
  advance(10s);
  BOOST_TEST(beats >= 10);
  BOOST_TEST(last
             == "running, 0 queued, 1 provisioned, 0 removed since the "
                "start");
}

BOOST_AUTO_TEST_CASE(does_not_beat_while_one_is_silent) {
  start();
  auto slow = a_slow_feedback();
  beat_for({engine, cache, statser, slow});
  advance(60s);
  BOOST_TEST(beats == 0);
  // An answer that took longer than the patience does not count either.
  BOOST_REQUIRE(owed);
  caf::anon_send(slow, send_numbers{});
  run();
  BOOST_TEST(beats == 0);
  // From the next round on all is well again.
  advance(1s);
  caf::anon_send(slow, send_numbers{});
  run();
  BOOST_TEST(beats == 1);
}

BOOST_AUTO_TEST_CASE(does_not_beat_once_one_has_ended) {
  start();
  beat_for({engine, cache, statser, feedback});
  advance(2s);
  auto before = beats;
  BOOST_TEST(before > 0);
  caf::anon_send_exit(engine, caf::exit_reason::kill);
  advance(60s);
  BOOST_TEST(beats <= before + 1);
}

BOOST_AUTO_TEST_CASE(beats_on_when_the_disk_refuses) {
  start();
  before_apply = [] { return error{errc::disk_full, "no\nroom"}; };
  beat_for({engine, cache, statser, feedback});
  give({a_volume("100-1")});
  advance(5s);
  BOOST_TEST(beats >= 5);
  BOOST_TEST(last.find("intake paused: no room") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
