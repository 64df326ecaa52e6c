#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>

#include "backends/host/process_keeper.hpp"
#include "tests/backends/container_under_test.hpp"
#include "tests/support/redis_double.hpp"
#include "tests/support/ticking_pace.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_container_backend_test,
                      *boost::unit_test::precondition(containers_are_possible))

BOOST_FIXTURE_TEST_CASE(runs_with_what_was_asked_for, container_fixture) {
  const auto volume = volumes->ensure("12-1", 32 * mebibyte);
  BOOST_REQUIRE_MESSAGE(volume, why(volume));
  auto wanted = order("env; id; hostname; ip -4 addr show eth0;"
                      "echo kept > /data/file; echo done;"
                      "while :; do echo hello | nc -l -p 7777; done");
  wanted.environment = {secret{"PLAIN=a b"}, secret{"PASSWORD=open sesame"}};
  wanted.volumes = {{"12-1", "/data"}};
  wanted.cpus = 2;
  const auto all = open();
  BOOST_CHECK(all->inspect("200-1").state == presence::absent);
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  BOOST_CHECK(all->inspect("200-1").state == presence::present);
  BOOST_REQUIRE(says("done"));
  const auto said = output();
  for (const auto* line :
       {"FROM_IMAGE=yes\n", "PLAIN=a b\n", "PASSWORD=open sesame\n",
        "uid=0 gid=0", "\n200-1\n", "inet 10.1.2.5/24"})
    BOOST_CHECK(contains(said, line));
  BOOST_CHECK_EQUAL(shim::read_small(*volume + "/file"), "kept\n");
  BOOST_CHECK(
    eventually([&] { return answers(names("a").router, "10.1.2.5", 7777); }));
  // The secret is in one file, for root alone.
  const auto file = folder + "/containers/200-1/bundle/config.json";
  BOOST_CHECK(std::filesystem::status(file).permissions()
              == (std::filesystem::perms::owner_read
                  | std::filesystem::perms::owner_write));
  BOOST_CHECK(
    !contains(shim::read_small(folder + "/containers/200-1/spec"), "sesame"));
  BOOST_CHECK(
    !contains(shim::read_small(folder + "/containers/200-1/order"), "sesame"));
  BOOST_REQUIRE_EQUAL(why_not(all->destroy("200-1")), "");
  BOOST_CHECK(all->inspect("200-1").state == presence::absent);
  BOOST_CHECK_EQUAL(traces(), "");
  BOOST_CHECK(net_space::look(names("a").member_space("200-1"))
              == presence::absent);
  BOOST_CHECK(volumes->inspect("200-1").state == presence::absent);
  // The volume is the user's.
  BOOST_CHECK_EQUAL(shim::read_small(*volume + "/file"), "kept\n");
  BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
  BOOST_CHECK(!volumes->destroy("12-1"));
}

BOOST_FIXTURE_TEST_CASE(its_streams_are_sent_where_they_are_to_go,
                        container_fixture) {
  redis_double redis;
  auto options = options_for();
  options.forwarding = forwarding();
  const auto all = std::move(*host_container_backend::open(std::move(options)));
  auto wanted = order("echo well; echo badly >&2; "
                      "trap 'echo at the end; exit' TERM; sleep 1000 & wait");
  wanted.outputs = outputs_at(redis.port());
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  BOOST_CHECK(eventually([&] { return redis.has("out well\n"); }));
  BOOST_CHECK(eventually([&] { return redis.has("err badly\n"); }));
  BOOST_CHECK(says("well\n"));
  BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
  BOOST_CHECK(redis.has("out at the end\n"));
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
  BOOST_CHECK_EQUAL(redis.published().size(), 3);
}

BOOST_FIXTURE_TEST_CASE(
  what_it_uses_is_sent_and_its_streams_are_not_kept_for_that,
  container_fixture) {
  redis_double redis;
  ticking_pace time;
  auto options = options_for();
  options.forwarding = forwarding(time.pace());
  const auto all = std::move(*host_container_backend::open(std::move(options)));
  auto wanted = order("echo well; sleep 1000");
  wanted.outputs
    = {{output_stream::usage,
        parse_redis_channel("redis://127.0.0.1:" + std::to_string(redis.port())
                            + "/stats")
          .value()}};
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  BOOST_CHECK(says("well\n"));
  BOOST_REQUIRE(time.pass(1));
  BOOST_REQUIRE(
    eventually([&] { return redis.has(R"(stats {"timestamp":1600000002,)"); }));
  const auto sample = redis.published().back();
  BOOST_TEST_MESSAGE(sample);
  BOOST_CHECK(contains(sample, R"("memory_limit":67108864,)"));
  BOOST_CHECK(
    !std::filesystem::exists(all->processes().folder_of("200-1") + "/stdout"));
  BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
}

BOOST_FIXTURE_TEST_CASE(with_streams_to_send_it_can_be_made_after_any_crash,
                        container_fixture) {
  redis_double redis;
  auto wanted = order("echo well; sleep 1000");
  wanted.outputs = outputs_at(redis.port());
  int made = 0;
  break_everywhere(
    *this, [&](auto& all) { return all.ensure(wanted); },
    [&] {
      auto options = options_for();
      options.forwarding = forwarding();
      const auto all
        = std::move(*host_container_backend::open(std::move(options)));
      BOOST_CHECK_EQUAL(why_not(all->ensure(wanted)), "");
      ++made;
      BOOST_CHECK(all->inspect("200-1").state == presence::present);
      BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
      BOOST_CHECK_EQUAL(traces(), "");
    },
    [&](host_container_options& options) {
      options.forwarding = forwarding();
    });
  BOOST_CHECK_GT(made, 5);
}

BOOST_FIXTURE_TEST_CASE(tells_what_it_uses, container_fixture) {
  const auto all = open();
  BOOST_CHECK(all->usage("200-1").error().code == errc::no_such_reservation);
  BOOST_REQUIRE_EQUAL(
    why_not(all->ensure(order("head -c 8000000 /dev/zero >/big; echo done;"
                              "while :; do echo hello | nc -l -p 7777; done"))),
    "");
  BOOST_REQUIRE(says("done"));
  const auto before = all->usage("200-1");
  BOOST_REQUIRE_MESSAGE(before, why(before));
  BOOST_CHECK_GT(before->memory_bytes.value_or(0), 0u);
  BOOST_CHECK_LE(before->memory_bytes.value_or(0), 64 * mebibyte);
  BOOST_CHECK_GT(before->cpu_us.value_or(0), 0u);
  BOOST_REQUIRE(before->received_bytes);
  BOOST_CHECK(
    eventually([&] { return answers(names("a").router, "10.1.2.5", 7777); }));
  BOOST_CHECK_GT(all->usage("200-1")->received_bytes.value_or(0),
                 *before->received_bytes);
  BOOST_CHECK_GT(all->usage("200-1")->sent_bytes.value_or(0), 0u);
  // The file system counts what it has written down.
  ::sync();
  BOOST_CHECK(eventually(
    [&] { return all->usage("200-1")->disk_bytes.value_or(0) >= 8000000; }));
  if (volumes->ability().enforced)
    BOOST_CHECK_EQUAL(all->usage("200-1")->disk_bytes_max.value_or(0),
                      64 * mebibyte);
}

BOOST_FIXTURE_TEST_CASE(outlives_the_one_who_made_it, container_fixture) {
  BOOST_REQUIRE_EQUAL(why_not(open()->ensure(order("sleep 1000"))), "");
  const auto all = open();
  const auto pid = all->inspect("200-1").pid;
  BOOST_REQUIRE_GT(pid, 0);
  BOOST_CHECK_EQUAL(why_not(all->ensure(order("sleep 1000"))), "");
  BOOST_CHECK_EQUAL(all->inspect("200-1").pid, pid);
  BOOST_CHECK_EQUAL(all->restore("200-1").value(), false);
}

BOOST_FIXTURE_TEST_CASE(keeps_its_files_when_it_is_started_again,
                        container_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(
    why_not(all->ensure(order("[ -e /first ] && echo again && sleep 1000;"
                              "touch /first; exit 1"))),
    "");
  BOOST_CHECK(says("again"));
  BOOST_CHECK_EQUAL(all->inspect("200-1").restarts, 1);
}

BOOST_FIXTURE_TEST_CASE(says_why_it_cannot_be_started, container_fixture) {
  const auto all = open();
  auto wanted = order("");
  wanted.entrypoint = {"/no/such/program"};
  auto failed = all->ensure(wanted);
  BOOST_CHECK(failed.code == errc::provision_failed);
  BOOST_CHECK(contains(failed.message, "/no/such/program"));
  // All of it was taken back.
  BOOST_CHECK(all->inspect("200-1").state == presence::absent);
  BOOST_CHECK(net_space::look(names("a").member_space("200-1"))
              == presence::absent);
  wanted = order("true");
  wanted.image = "oci:box:other";
  failed = all->ensure(wanted);
  BOOST_CHECK(failed.code == errc::invalid_reservation);
  BOOST_CHECK(contains(failed.message, "no image other"));
  wanted.image = "https://hub.example/a.flist";
  failed = all->ensure(wanted);
  BOOST_CHECK(contains(failed.message, "is a file list"));
  wanted = order("true");
  wanted.network_id = "red";
  failed = all->ensure(wanted);
  BOOST_CHECK(failed.code == errc::invalid_reservation);
  BOOST_CHECK(all->inspect("200-1").state == presence::absent);
}

BOOST_FIXTURE_TEST_CASE(can_be_made_after_a_crash_at_any_step,
                        container_fixture) {
  break_everywhere(
    *this, [&](auto& all) { return all.ensure(order("sleep 1000")); },
    [&] {
      const auto all = open();
      // Not by its keeper, who does not know whether it is wanted.
      BOOST_CHECK_EQUAL(all->restore("200-1").value(), false);
      BOOST_CHECK_EQUAL(why_not(all->ensure(order("sleep 1000"))), "");
      BOOST_CHECK(all->inspect("200-1").state == presence::present);
      BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

BOOST_FIXTURE_TEST_CASE(can_be_removed_after_a_crash_at_any_step,
                        container_fixture) {
  break_everywhere(
    *this,
    [&](auto& all) {
      const auto made = open()->ensure(order("sleep 1000"));
      return made ? made : all.destroy("200-1");
    },
    [&] {
      const auto all = open();
      BOOST_CHECK_EQUAL(all->restore("200-1").value(), false);
      BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
      BOOST_CHECK(all->inspect("200-1").state == presence::absent);
      BOOST_CHECK(volumes->inspect("200-1").state == presence::absent);
      BOOST_CHECK(net_space::look(names("a").member_space("200-1"))
                  == presence::absent);
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

BOOST_FIXTURE_TEST_CASE(a_keeper_brings_back_what_lost_its_shim,
                        container_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(order("sleep 1000"))), "");
  const auto before = all->inspect("200-1").pid;
  std::atomic<int> restored{0};
  const auto keeper = process_keeper::start(
    all->processes(),
    {.restore = [&](const auto& id) { return all->restore(id); },
     .restored
     = [&](const auto&, const error& failed) { restored += failed ? 100 : 1; },
     .lost = [](const auto&, const auto&) { return error{}; }});
  BOOST_REQUIRE(keeper);
  for (const auto pid : processes_with(folder + "/containers"))
    if (pid != before)
      ::kill(pid, SIGKILL);
  BOOST_CHECK(eventually([&] { return restored == 1; }));
  const auto after = all->inspect("200-1");
  BOOST_CHECK(after.state == presence::present);
  BOOST_CHECK_NE(after.pid, before);
  BOOST_CHECK_EQUAL(answers(names("a").router, "10.1.2.5", 1), false);
}

BOOST_FIXTURE_TEST_CASE(a_keeper_tells_of_one_that_keeps_dying,
                        container_fixture) {
  const auto all = open();
  std::mutex mutex;
  std::string told;
  const auto keeper = process_keeper::start(
    all->processes(),
    {.restore = [&](const auto& id) { return all->restore(id); },
     .restored = [](const auto&, const error&) {},
     .lost =
       [&](const auto& id, const auto& why) {
         const std::lock_guard lock{mutex};
         told += id + ' ' + why + ';';
         return error{};
       }});
  BOOST_REQUIRE(keeper);
  all->on_start([&] { (*keeper)->look_again(); });
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(order("exit 3"))), "");
  BOOST_CHECK(eventually([&] {
    const std::lock_guard lock{mutex};
    return told == "200-1 ended with code 3;";
  }));
  all->on_start({});
}

BOOST_FIXTURE_TEST_CASE(lists_itself_with_the_volumes_that_it_uses,
                        container_host) {
  const auto backend = open();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  BOOST_REQUIRE(volumes->ensure("12-1", 16 * mebibyte));
  auto wanted = order("sleep 1000");
  wanted.volumes = {{"12-1", "/data"}};
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(wanted)), "");
  check_list(*backend, "order", {"200-1", "12-1"});
  BOOST_CHECK_EQUAL(why_not(volumes->destroy("12-1")), "");
}

BOOST_AUTO_TEST_SUITE_END()
