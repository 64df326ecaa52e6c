#include "backends/host/output_forwarding.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "shim/process_spec.hpp"
#include "shim/process_state.hpp"
#include "shim/rotated_log.hpp"
#include "shim/small_file.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/redis_double.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/ticking_pace.hpp"

using namespace provision;
using namespace provision::test;

namespace output_forwarding_test {
namespace {

using mood = redis_double::mood;

std::vector<output_target> both_to(std::uint16_t port,
                                   const std::string& login = "") {
  const auto at = "redis://" + login + "127.0.0.1:" + std::to_string(port);
  return {{output_stream::output, parse_redis_channel(at + "/out").value()},
          {output_stream::errors, parse_redis_channel(at + "/err").value()}};
}

/// A port at which nobody listens.
std::uint16_t deserted_port() {
  return redis_double{}.port();
}

struct workload_folder {
  workload_folder() { std::filesystem::create_directories(of("")); }

  std::string of(const std::string& name) const {
    return folder.path() + "/1-1/" + name;
  }

  scratch_folder folder = {};
};

/// What the two streams of a workload have written, and who sends it on.
struct written_output : workload_folder {
  std::unique_ptr<output_forwarding> start(output_forwarding_options more
                                           = {}) {
    more.folder = folder.path();
    if (!more.may_reach)
      more.may_reach = [](const auto&) { return true; };
    more.on_change
      = [this](const std::string& id, output_stream which, const error& why) {
          const std::lock_guard lock{mutex};
          told += id + ' ' + std::string{to_string(which)} + ": "
                  + (why ? why.message : "arrives") + '\n';
        };
    auto made = output_forwarding::start(std::move(more));
    BOOST_REQUIRE(made);
    return std::move(*made);
  }

  std::unique_ptr<output_forwarding>
  start_for(const std::vector<output_target>& targets,
            output_forwarding_options more = {}) {
    auto made = start(std::move(more));
    BOOST_REQUIRE(!made->note("1-1", targets));
    made->begin("1-1");
    return made;
  }

  std::string all_told() {
    const std::lock_guard lock{mutex};
    return told;
  }

  bool is_told(const std::string& part) {
    const bool found
      = eventually([&] { return all_told().find(part) != std::string::npos; });
    BOOST_TEST_INFO("told: " << all_told());
    return found;
  }

  static void write(shim::rotated_log& log, const std::string& text) {
    log.write(text.data(), text.size());
  }

  shim::rotated_log out{of("stdout"), 1U << 20U, 1};
  shim::rotated_log err{of("stderr"), 1U << 20U, 1};
  std::mutex mutex;
  std::string told;
};

} // namespace
} // namespace output_forwarding_test

BOOST_FIXTURE_TEST_SUITE(output_forwarding_test, written_output)

BOOST_AUTO_TEST_CASE(what_a_worker_noted_is_sent_on_by_who_is_told_to_look) {
  redis_double redis;
  const auto all = start();
  {
    const auto worker = start({.only_notes = true});
    BOOST_REQUIRE(!worker->note("1-1", both_to(redis.port())));
    worker->begin("1-1");
    worker->end("1-1");
  }
  write(out, "words\n");
  all->look_again();
  BOOST_CHECK(eventually([&] { return redis.has("out words\n"); }));
  write(out, "more\n");
  BOOST_CHECK(eventually([&] { return redis.has("out more\n"); }));
  // A worker takes it away, too.
  std::filesystem::remove(of("targets"));
  all->look_again();
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
}

BOOST_AUTO_TEST_CASE(each_stream_goes_to_its_channel_as_it_is_written) {
  redis_double redis;
  write(out, "before\n");
  const auto all = start_for(both_to(redis.port()));
  BOOST_CHECK(eventually([&] { return redis.has("out before\n"); }));
  write(err, "trouble\n");
  BOOST_CHECK(eventually([&] { return redis.has("err trouble\n"); }));
  std::vector<std::string> wanted{"out before\n", "err trouble\n"};
  for (int i = 0; i < 300; ++i) {
    write(out, "line " + std::to_string(i) + '\n');
    wanted.push_back("out line " + std::to_string(i) + '\n');
  }
  BOOST_CHECK(eventually([&] { return redis.published().size() == 302; }));
  BOOST_TEST(redis.published() == wanted, boost::test_tools::per_element());
  BOOST_CHECK_EQUAL(redis.visits(), 2);
}

BOOST_AUTO_TEST_CASE(the_next_one_goes_on_where_the_last_has_stopped) {
  redis_double redis;
  auto all = start_for(both_to(redis.port()));
  write(out, "one\n");
  BOOST_REQUIRE(eventually([&] { return redis.has("out one\n"); }));
  all.reset();
  write(out, "two\n");
  // The files alone tell it what is wanted.
  all = start();
  BOOST_REQUIRE(eventually([&] { return redis.has("out two\n"); }));
  const std::vector<std::string> wanted{"out one\n", "out two\n"};
  BOOST_TEST(redis.published() == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_read_makes_lines_arrive_again) {
  redis_double redis;
  auto all = start_for(both_to(redis.port()));
  write(out, "one\n");
  BOOST_REQUIRE(eventually([&] { return redis.has("out one\n"); }));
  all.reset();
  BOOST_REQUIRE(!shim::write_durably(of("sent-0"), "nonsense"));
  all = start();
  BOOST_CHECK(eventually([&] { return redis.published().size() == 2; }));
}

BOOST_AUTO_TEST_CASE(lines_wait_for_a_server_that_is_away) {
  const auto port = deserted_port();
  write(out, "early\n");
  const auto all = start_for(both_to(port));
  BOOST_CHECK(is_told("1-1 standard output: connect to 127.0.0.1:"));
  write(out, "late\n");
  redis_double redis{port};
  BOOST_CHECK(eventually([&] { return redis.has("out late\n"); }));
  BOOST_CHECK_EQUAL(redis.published().front(), "out early\n");
  BOOST_CHECK(is_told("1-1 standard output: arrives"));
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_a_server_that_does_not_answer) {
  redis_double redis{0, mood::says_nothing};
  write(out, "early\n");
  auto all = start_for(both_to(redis.port()),
                       {.patience = std::chrono::hours{1},
                        .last_patience = std::chrono::milliseconds{1}});
  BOOST_CHECK(eventually([&] { return redis.visits() == 1; }));
  write(err, "trouble\n");
  BOOST_CHECK(eventually([&] { return redis.visits() == 2; }));
  all->end("1-1");
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
  all->begin("1-1");
  BOOST_CHECK(eventually([&] { return redis.visits() == 4; }));
  // Does not wait for the hour.
  all.reset();
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
}

BOOST_AUTO_TEST_CASE(the_last_words_are_sent_before_the_end) {
  redis_double redis;
  const auto all = start_for(both_to(redis.port()),
                             {.last_patience = std::chrono::hours{1}});
  std::string last;
  for (int i = 0; i < 1000; ++i)
    last += "line\n";
  write(out, last);
  write(err, "the end\n");
  all->end("1-1");
  BOOST_CHECK_EQUAL(redis.published().size(), 1001);
  write(out, "more\n");
  all->end("1-1");
  BOOST_CHECK_EQUAL(redis.published().size(), 1001);
}

BOOST_AUTO_TEST_CASE(the_end_does_not_wait_for_a_server_that_is_away) {
  write(out, "early\n");
  const auto all = start_for(both_to(deserted_port()),
                             {.last_patience = std::chrono::hours{1}});
  BOOST_CHECK(is_told("standard output: connect to"));
  all->end("1-1");
}

BOOST_AUTO_TEST_CASE(who_speaks_another_protocol_hears_nothing_of_it) {
  redis_double mail{0, mood::greets};
  write(out, "MAIL FROM: <somebody>\n");
  const auto all = start_for(both_to(mail.port(), "me:open-sesame@"));
  BOOST_CHECK(is_told("standard output: 127.0.0.1:"));
  BOOST_CHECK(is_told("does not speak RESP"));
  BOOST_CHECK_EQUAL(mail.heard(), "*1\r\n$4\r\nPING\r\n");
}

BOOST_AUTO_TEST_CASE(an_address_that_may_not_be_reached_is_not) {
  redis_double redis;
  write(out, "early\n");
  const auto all = start_for(both_to(redis.port()),
                             {.may_reach = [](const auto&) { return false; }});
  BOOST_CHECK(is_told("127.0.0.1 is none that output is sent to"));
  BOOST_CHECK_EQUAL(redis.visits(), 0);
}

BOOST_AUTO_TEST_CASE(passwords_and_lines_stay_with_those_they_are_for) {
  redis_double redis{0, mood::echoes};
  write(out, "whispered\n");
  const auto all = start_for(both_to(redis.port(), "me:open-sesame@"));
  BOOST_CHECK(is_told("the server refuses the password"));
  BOOST_CHECK(eventually([&] {
    return redis.heard().find("$11\r\nopen-sesame\r\n") != std::string::npos;
  }));
  redis_double other{0, mood::echoes};
  BOOST_REQUIRE(!all->note("1-1", both_to(other.port())));
  all->end("1-1");
  all->begin("1-1");
  BOOST_CHECK(is_told("the server refuses lines"));
  BOOST_CHECK(all_told().find("sesame") == std::string::npos);
  BOOST_CHECK(all_told().find("whispered") == std::string::npos);
  struct stat facts = {};
  BOOST_REQUIRE_EQUAL(::stat(of("targets").c_str(), &facts), 0);
  BOOST_CHECK_EQUAL(facts.st_mode & 0777U, 0600U);
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_of_one_that_nobody_wants_sent) {
  redis_double redis;
  const auto all = start();
  all->begin("1-1");
  BOOST_REQUIRE(!all->note("1-1", both_to(redis.port())));
  BOOST_REQUIRE(!all->note("1-1", {}));
  BOOST_REQUIRE(!all->note("1-1", {}));
  all->begin("1-1");
  all->end("1-1");
  BOOST_CHECK(!std::filesystem::exists(of("targets")));
  BOOST_CHECK_EQUAL(redis.visits(), 0);
}

BOOST_AUTO_TEST_CASE(what_hinders_it_is_told_and_hinders_nobody_else) {
  redis_double redis;
  std::filesystem::create_directories(of("sent-1"));
  auto all = start_for(both_to(redis.port()));
  BOOST_CHECK(is_told("1-1 standard error: open " + of("sent-1")));
  BOOST_CHECK_EQUAL(redis.visits(), 0);
  std::filesystem::remove(of("sent-1"));
  all->begin("1-1");
  write(err, "trouble\n");
  BOOST_CHECK(eventually([&] { return redis.has("err trouble\n"); }));
  BOOST_CHECK(all->note("2-1", both_to(redis.port())));
  BOOST_CHECK(!output_forwarding::start({.folder = of("targets") + "/below"}));
}

BOOST_AUTO_TEST_CASE(what_a_workload_uses_is_sent_as_long_as_it_is_wanted) {
  redis_double redis;
  ticking_pace time;
  const scratch_folder group;
  for (const auto& [file, text] :
       {std::pair{"memory.current", "7"}, std::pair{"memory.max", "max"},
        std::pair{"memory.stat", "file 5\n"}, std::pair{"pids.current", "1"},
        std::pair{"cpu.stat", "usage_usec 2\n"}})
    BOOST_REQUIRE(!shim::write_durably(group.path() + '/' + file, text));
  auto targets = both_to(redis.port());
  targets.push_back(
    {output_stream::usage,
     parse_redis_channel("redis://127.0.0.1:" + std::to_string(redis.port())
                         + "/stats")
       .value()});
  auto all = start_for(targets, {.pace = time.pace()});
  // Nothing to tell until it has groups.
  BOOST_REQUIRE(time.pass(1));
  BOOST_REQUIRE(eventually([&] { return time.waits().size() == 2; }));
  BOOST_CHECK_EQUAL(redis.visits(), 0);
  shim::process_spec spec{.arguments = {"/bin/true"}, .groups = {group.path()}};
  BOOST_REQUIRE(
    !shim::write_durably(of(shim::spec_name), shim::write_spec(spec)));
  BOOST_REQUIRE(time.pass(2));
  BOOST_CHECK(eventually([&] {
    return redis.has(R"(stats {"timestamp":1600000004,"memory_usage":7,)");
  }));
  BOOST_CHECK(is_told("1-1 usage: arrives"));
  // A later one goes on by the files alone.
  all.reset();
  ticking_pace later;
  all = start({.pace = later.pace()});
  BOOST_REQUIRE(later.pass(1));
  BOOST_CHECK(eventually([&] { return redis.published().size() == 3; }));
  all->end("1-1");
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
}

BOOST_AUTO_TEST_CASE(targets_that_cannot_be_read_are_told) {
  BOOST_REQUIRE(!shim::write_durably(of("targets"), "nonsense"));
  const auto all = start();
  BOOST_CHECK(is_told("1-1 standard output: targets of output: no whole"));
}

BOOST_AUTO_TEST_SUITE_END()
