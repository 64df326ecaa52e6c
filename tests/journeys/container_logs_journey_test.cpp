#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "tests/journeys/container_node.hpp"
#include "tests/support/redis_server.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace container_logs_journey_test {
namespace {

boost::test_tools::assertion_result
the_whole_way_is_possible(boost::unit_test::test_unit_id id) {
  const auto redis = find_redis_server();
  return redis ? containers_are_possible(id)
               : unless("needs redis: " + redis.error().message);
}

/// A node whose container counts, on either stream, and a redis server that is
/// no part of this host.
struct counting_node : own_network, container_node {
  counting_node() {
    wish(a_network());
    wish(a_volume());
    wish(a_counter());
  }

  reservation a_counter() {
    auto r = a_container();
    auto& what = std::get<workloads::container>(r.workload);
    what.entrypoint = "/bin/sh -c 'trap \"echo over; exit 0\" TERM; i=0; "
                      "while :; do i=$((i+1)); echo out $i; echo err $i >&2; "
                      "sleep 1 & wait $!; done'";
    const auto at = std::string{redis_server::password} + '@' + house_address;
    what.logs = {{.type = "redis",
                  .stdout_url = "redis://10.1.2.9/not-counted",
                  .stderr_url = "redis://:" + at + "/errors",
                  .secret_stdout = sealed("redis://:" + at + "/output")},
                 {.type = "kafka"}};
    what.stats = {{"redis", "redis://:" + at + "/stats"}};
    return r;
  }

  /// The highest number that the container has said so far.
  int said() const { return last_in(processes().output("102-1", 1000)); }

  static int last_in(const std::string& text) {
    const auto at = text.rfind("out ");
    int number = 0;
    if (at != std::string::npos)
      std::from_chars(text.data() + at + 4, text.data() + text.size(), number);
    return number;
  }

  bool says_more() const {
    const auto before = said();
    return eventually([&] { return said() >= before + 2; });
  }

  /// Whether all that was said until now arrives, each number at least once.
  bool all_arrives(const std::string& channel, const std::string& word) const {
    const auto until = said();
    return eventually([&] {
      const auto lines = redis.published(channel);
      const std::set<std::string> all{lines.begin(), lines.end()};
      for (int number = 1; number <= until; ++number)
        if (!all.contains(word + ' ' + std::to_string(number) + '\n'))
          return false;
      return until > 0;
    });
  }

  /// The youngest sample of what it uses; its figure `name`.
  std::uint64_t figure(const std::string& name) const {
    const auto samples = redis.published("stats");
    if (samples.empty())
      return 0;
    const auto& text = samples.back();
    const auto mark = '"' + name + "\":";
    const auto at = text.find(mark);
    BOOST_REQUIRE_MESSAGE(at != text.npos, text);
    std::uint64_t value = 0;
    std::from_chars(text.data() + at + mark.size(), text.data() + text.size(),
                    value);
    return value;
  }

  /// Whether samples of this container come in, and go on.
  bool is_measured() const {
    const auto before = redis.published("stats").size();
    const auto last_time = figure("timestamp");
    const auto last_cpu = figure("cpu_usage");
    return eventually(
             [&] { return redis.published("stats").size() > before + 1; })
           && figure("memory_limit") == std::uint64_t{1024} << 20U
           && figure("memory_usage") > 0 && figure("cpu_usage") > last_cpu
           && figure("pids_current") > 1 && figure("timestamp") > last_time;
  }

  bool everything_arrives() const {
    return all_arrives("output", "out") && all_arrives("errors", "err");
  }

  redis_server redis = {};
};

} // namespace
} // namespace container_logs_journey_test

BOOST_FIXTURE_TEST_SUITE(
  container_logs_journey_test, counting_node,
  *boost::unit_test::precondition(the_whole_way_is_possible))

BOOST_AUTO_TEST_CASE(
  what_a_container_says_arrives_whatever_happens_on_the_way) {
  start();
  BOOST_REQUIRE_MESSAGE(
    eventually([&] { return said() > 0; }, container_patience), node.log());
  BOOST_REQUIRE(
    eventually([&] { return logs("provisioned reservation=102"); }));
  BOOST_CHECK_MESSAGE(everything_arrives(), node.log());
  BOOST_CHECK(logs("is not of type redis"));
  BOOST_CHECK_MESSAGE(is_measured(), node.log());
  // Nobody sends while the daemon is away.
  kill();
  BOOST_CHECK(says_more());
  start();
  BOOST_CHECK_MESSAGE(everything_arrives(), node.log());
  BOOST_CHECK_MESSAGE(is_measured(), node.log());
  // Nobody listens while the server is.
  redis.be_away();
  BOOST_CHECK(says_more());
  BOOST_CHECK_MESSAGE(
    eventually([&] { return logs("does not arrive at its redis server"); }),
    node.log());
  redis.listen();
  BOOST_CHECK_MESSAGE(everything_arrives(), node.log());
  BOOST_CHECK_MESSAGE(is_measured(), node.log());
  // Each stream on its own, and both together where the operator looks.
  for (const auto& line : redis.published("errors"))
    BOOST_CHECK(line.starts_with("err "));
  for (const auto& line : redis.published("output"))
    BOOST_CHECK(line.starts_with("out "));
  BOOST_CHECK(redis.published("not-counted").empty());
  const auto kept = run_program(PROVISIONCTL, {"--data-dir", node.data_dir(),
                                               "logs", "102", "--last", "9"});
  BOOST_CHECK(kept.out.find("out ") != std::string::npos);
  BOOST_CHECK(kept.out.find("err ") != std::string::npos);
  kill();
  auto over = a_counter();
  over.to_delete = true;
  wish(over);
  start();
  BOOST_CHECK_MESSAGE(
    eventually([&] { return all_traces().empty(); }, container_patience),
    all_traces() + node.log());
  // Its group is gone, and nobody measures it any more.
  const auto samples = redis.published("stats").size();
  BOOST_CHECK(
    stays([&] { return redis.published("stats").size() == samples; }, 3s));
  const auto last = redis.published("output");
  BOOST_CHECK_EQUAL(last.empty() ? "nothing" : last.back(), "over\n");
  node.signal(SIGTERM);
  BOOST_CHECK_EQUAL(node.wait().value().code, 0);
  BOOST_CHECK(!logs(redis_server::password));
}

BOOST_AUTO_TEST_SUITE_END()
