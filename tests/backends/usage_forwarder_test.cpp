#include "backends/host/usage_forwarder.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>

#include <boost/test/unit_test.hpp>

#include "tests/support/redis_double.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/ticking_pace.hpp"

using namespace provision;
using namespace provision::test;
using namespace std::chrono_literals;

namespace usage_forwarder_test {
namespace {

using mood = redis_double::mood;

/// Files of a control group, as the kernel writes them.
struct group_folder {
  void write(const std::string& file, const std::string& text) const {
    std::ofstream{path + '/' + file} << text;
  }

  const scratch_folder folder = {};
  const std::string path = folder.path();
};

constexpr usage_sample some_sample{
  .memory = 1, .memory_max = 2, .memory_of_files = 3, .cpu_ns = 4, .tasks = 5};

/// Who forwards a container that is there as long as `runs` says so.
struct measured {
  std::unique_ptr<usage_forwarder>
  start(std::uint16_t port, bool may_reach = true,
        std::chrono::milliseconds patience = 5s,
        const std::string& login = {}) {
    auto made = usage_forwarder::start(
      {.to = parse_redis_channel("redis://" + login + "127.0.0.1:"
                                 + std::to_string(port) + "/stats")
               .value(),
       .pace = time.pace(),
       .patience = patience,
       .may_reach = [may_reach](const auto&) { return may_reach; },
       .measure = [this]() -> expected<usage_sample> {
         if (!runs)
           return fail(errc::backend_failure, "it does not run");
         return some_sample;
       },
       .on_change =
         [this](const error& failed) {
           const std::lock_guard lock{mutex};
           told += (failed ? failed.message : "arrives") + '\n';
         }});
    BOOST_REQUIRE(made);
    return std::move(*made);
  }

  std::string all_told() {
    const std::lock_guard lock{mutex};
    return told;
  }

  static std::string document(std::int64_t after) {
    return "stats "
           + document_of(some_sample, ticking_pace::start_seconds + after);
  }

  ticking_pace time;
  std::atomic<bool> runs{true};
  std::mutex mutex;
  std::string told;
};

} // namespace
} // namespace usage_forwarder_test

BOOST_AUTO_TEST_SUITE(usage_forwarder_test)

BOOST_FIXTURE_TEST_CASE(reads_groups_of_either_version, group_folder) {
  BOOST_CHECK(!sample_groups({path}));
  BOOST_CHECK(!sample_groups({}));
  write("memory.current", "1048576\n");
  write("memory.max", "67108864\n");
  write("memory.stat", "anon 4096\nfile 8192\nfile_mapped 1\n");
  write("cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
  BOOST_CHECK(!sample_groups({path}));
  write("pids.current", "3\n");
  const usage_sample wanted{.memory = 1048576,
                            .memory_max = 67108864,
                            .memory_of_files = 8192,
                            .cpu_ns = 1500000,
                            .tasks = 3};
  BOOST_CHECK(sample_groups({path}) == wanted);
  // Between its end and its next start.
  write("pids.current", "0\n");
  BOOST_CHECK(!sample_groups({path}));
  write("pids.current", "3\n");
  write("memory.max", "max\n");
  BOOST_CHECK_EQUAL(sample_groups({path})->memory_max, 9223372036854771712U);
  // One folder for each hierarchy.
  const group_folder memory;
  const group_folder others;
  memory.write("memory.usage_in_bytes", "1048576\n");
  memory.write("memory.limit_in_bytes", "67108864\n");
  memory.write("memory.stat", "cache 1\ntotal_cache 8192\n");
  others.write("cpuacct.usage", "1500000\n");
  others.write("pids.current", "3\n");
  BOOST_CHECK(sample_groups({others.path, memory.path}) == wanted);
}

BOOST_AUTO_TEST_CASE(a_sample_is_the_originals_document) {
  BOOST_CHECK_EQUAL(
    document_of(some_sample, 1614250060),
    R"({"timestamp":1614250060,"memory_usage":1,"memory_limit":2,)"
    R"("memory_cache":3,"cpu_usage":4,"pids_current":5})");
}

BOOST_FIXTURE_TEST_CASE(a_sample_is_published_every_two_seconds, measured) {
  redis_double redis;
  const auto forwarder = start(redis.port());
  for (std::size_t round = 1; round < 4; ++round)
    BOOST_REQUIRE(time.pass(round));
  BOOST_REQUIRE(eventually([&] { return redis.published().size() == 4; }));
  const std::vector<std::string> wanted{document(0), document(2), document(4),
                                        document(6)};
  BOOST_TEST(redis.published() == wanted, boost::test_tools::per_element());
  BOOST_CHECK_EQUAL(redis.visits(), 1);
  BOOST_CHECK_EQUAL(all_told(), "arrives\n");
}

BOOST_FIXTURE_TEST_CASE(one_that_does_not_run_has_no_sample, measured) {
  redis_double redis;
  runs = false;
  const auto forwarder = start(redis.port());
  BOOST_REQUIRE(time.pass(1));
  BOOST_REQUIRE(eventually([&] { return time.waits().size() == 2; }));
  BOOST_CHECK_EQUAL(redis.visits(), 0);
  runs = true;
  BOOST_REQUIRE(time.pass(2));
  BOOST_CHECK(eventually([&] { return redis.has(document(4)); }));
  BOOST_CHECK_EQUAL(redis.published().size(), 1);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_is_away_is_tried_later_and_later,
                        measured) {
  const auto port = redis_double{}.port();
  const auto forwarder = start(port);
  for (std::size_t round = 1; round <= 8; ++round)
    BOOST_REQUIRE(time.pass(round));
  BOOST_REQUIRE(eventually([&] { return time.waits().size() == 9; }));
  const std::vector<std::chrono::milliseconds> longer{1s,  2s,  4s,  8s, 16s,
                                                      32s, 60s, 60s, 60s};
  BOOST_CHECK(time.waits() == longer);
  redis_double redis{port};
  BOOST_REQUIRE(time.pass(9));
  // What was measured meanwhile is not kept.
  BOOST_REQUIRE(eventually([&] { return redis.has(document(243)); }));
  BOOST_CHECK_EQUAL(redis.published().size(), 1);
  BOOST_REQUIRE(eventually([&] { return time.waits().size() == 10; }));
  BOOST_CHECK(time.waits().back() == 2s);
  // Said once, and once that it is over.
  const auto all = all_told();
  BOOST_CHECK_MESSAGE(all.starts_with("connect to 127.0.0.1:"), all);
  BOOST_CHECK_MESSAGE(all.ends_with("\narrives\n"), all);
  BOOST_CHECK_EQUAL(std::ranges::count(all, '\n'), 2);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_throws_it_out_is_greeted_anew, measured) {
  auto redis = std::make_unique<redis_double>();
  const auto port = redis->port();
  const auto forwarder = start(port);
  BOOST_REQUIRE(eventually([&] { return redis->has(document(0)); }));
  redis.reset();
  BOOST_REQUIRE(time.pass(1));
  BOOST_REQUIRE(eventually([&] { return time.waits().size() == 2; }));
  BOOST_CHECK(time.waits().back() == 1s);
  redis = std::make_unique<redis_double>(port);
  BOOST_REQUIRE(time.pass(2));
  BOOST_CHECK(eventually([&] { return redis->has(document(3)); }));
}

BOOST_FIXTURE_TEST_CASE(nobody_waits_for_one_that_never_answers, measured) {
  redis_double redis{0, mood::says_nothing};
  auto forwarder = start(redis.port(), true, std::chrono::hours{1});
  BOOST_REQUIRE(eventually([&] { return redis.guests() == 1; }));
  // Does not wait for the hour.
  forwarder.reset();
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
  BOOST_CHECK_EQUAL(all_told(), "");
}

BOOST_FIXTURE_TEST_CASE(who_is_no_redis_server_is_told_nothing, measured) {
  redis_double mail{0, mood::greets};
  const auto forwarder = start(mail.port(), true, 5s, ":open-sesame@");
  BOOST_REQUIRE(eventually([&] { return time.waits().size() == 1; }));
  BOOST_CHECK_EQUAL(mail.heard(), "*1\r\n$4\r\nPING\r\n");
}

BOOST_FIXTURE_TEST_CASE(an_address_that_may_not_be_reached_is_not, measured) {
  redis_double redis;
  const auto forwarder = start(redis.port(), false);
  BOOST_REQUIRE(time.pass(1));
  BOOST_REQUIRE(eventually([&] { return time.waits().size() == 2; }));
  BOOST_CHECK_EQUAL(redis.visits(), 0);
  BOOST_CHECK_EQUAL(all_told(), "127.0.0.1 is none that output is sent to\n");
}

BOOST_FIXTURE_TEST_CASE(a_password_is_not_repeated, measured) {
  redis_double redis{0, mood::echoes};
  const auto forwarder = start(redis.port(), true, 5s, ":open-sesame@");
  BOOST_REQUIRE(eventually([&] { return time.waits().size() == 1; }));
  BOOST_CHECK(redis.heard().find("open-sesame") != std::string::npos);
  BOOST_CHECK_EQUAL(all_told(), "the server refuses the password\n");
}

BOOST_AUTO_TEST_SUITE_END()
