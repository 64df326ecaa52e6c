#include "backends/host/supervised_processes.hpp"

#include <algorithm>

#include "shim/supervise.hpp"
#include "tests/backends/process_host.hpp"
#include "tests/support/unless.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(supervised_processes_test)

namespace {

using state = process_facts::state;
using cause = shim::process_exit::cause;

/// Does nothing but be found by its argument.
shim::process_spec a_sleeper(const std::string& mark) {
  return shell("while :; do read nothing < '" + mark + "'; done");
}

struct process_fixture : process_host {
  process_fixture() {
    // Readers block for ever.
    ::mkfifo(mark().c_str(), 0600);
  }

  std::string mark() const { return root + "/quiet"; }

  shim::process_spec sleeper(const std::string& id) const {
    return grouped(a_sleeper(mark()), id);
  }

  /// Workloads, shims apart.
  std::vector<int> sleepers() const { return processes_with(mark()); }

  bool ends(const supervised_processes& all, const std::string& id) const {
    return eventually([&] { return all.look(id).is == state::ended; });
  }
};

/// Dies before the step with this number.
class dying_witness final : public shim::witness {
public:
  explicit dying_witness(int steps) : left_{steps} {}
  void before(std::string_view) override {
    if (left_-- == 0)
      ::kill(::getpid(), SIGKILL);
  }
  void started(const error&) override {}

private:
  int left_;
};

/// A shim of our own that dies before the step; whether it did.
bool die_at(int step, const std::string& folder,
            std::chrono::milliseconds until_stop) {
  const auto pid = ::fork();
  if (pid == 0) {
    ::setsid();
    dying_witness by{step};
    shim::supervise(folder, by);
    ::_exit(0);
  }
  siginfo_t ended = {};
  const auto has_ended = [&] {
    return ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG)
             == 0
           && ended.si_pid == pid;
  };
  if (!eventually(has_ended, until_stop)) {
    // All steps of the start are behind it; now those of the end.
    ::kill(pid, SIGTERM);
    BOOST_REQUIRE(eventually(has_ended));
  }
  return ended.si_code == CLD_KILLED && ended.si_status == SIGKILL;
}

constexpr auto own_rank = "/proc/self/oom_score_adj";

/// Whether a process here may ask the kernel to take others first.
boost::test_tools::assertion_result
may_be_spared(boost::unit_test::test_unit_id) {
  const auto child = ::fork();
  if (child == 0)
    ::_exit(shim::write_into(own_rank, "-500") ? 1 : 0);
  int status = 0;
  ::waitpid(child, &status, 0);
  return unless(status == 0 ? "" : "needs CAP_SYS_RESOURCE");
}

} // namespace

BOOST_FIXTURE_TEST_CASE(tells_the_code_and_keeps_the_output, process_fixture) {
  const auto all = open();
  BOOST_CHECK(all.look("1-1").is == state::absent);
  const auto spec = grouped(shell("echo out; echo err >&2; exit 3"), "1-1");
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(ends(all, "1-1"));
  const auto facts = all.look("1-1");
  BOOST_REQUIRE(facts.exit);
  BOOST_CHECK(facts.exit->why == cause::ended);
  BOOST_CHECK_EQUAL(facts.exit->code, 3);
  BOOST_CHECK_EQUAL(describe(*facts.exit), "ended with code 3");
  BOOST_CHECK_EQUAL(all.output("1-1", 100), "out\nerr\n");
  BOOST_CHECK_EQUAL(all.output("1-1", 4), "err\n");
}

BOOST_FIXTURE_TEST_CASE(tells_the_signal, process_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", sleeper("1-1"))), "");
  ::kill(all.look("1-1").pid, SIGUSR1);
  BOOST_REQUIRE(ends(all, "1-1"));
  BOOST_CHECK_EQUAL(all.look("1-1").exit->signal, SIGUSR1);
}

BOOST_FIXTURE_TEST_CASE(says_why_a_program_cannot_start, process_fixture) {
  const auto all = open();
  const auto failed
    = all.start("1-1", grouped({.arguments = {"/nowhere/program"}}, "1-1"));
  BOOST_CHECK(failed.code == errc::backend_failure);
  BOOST_TEST_INFO(failed.message);
  BOOST_CHECK(failed.message.find("start /nowhere/program: No such file")
              != std::string::npos);
  BOOST_REQUIRE(ends(all, "1-1"));
  BOOST_CHECK(all.look("1-1").exit->why == cause::not_started);
  BOOST_CHECK_EQUAL(groups_left(), "");
}

BOOST_FIXTURE_TEST_CASE(outlives_its_owner, process_fixture) {
  const auto owner = ::fork();
  if (owner == 0) {
    const auto failed = open().start("1-1", sleeper("1-1"));
    ::kill(::getpid(), failed ? SIGTERM : SIGKILL);
  }
  int status = 0;
  ::waitpid(owner, &status, 0);
  BOOST_REQUIRE_EQUAL(WTERMSIG(status), SIGKILL);
  const auto all = open();
  const auto facts = all.look("1-1");
  BOOST_CHECK(facts.is == state::running);
  BOOST_CHECK(sleepers() == std::vector{facts.pid});
  BOOST_CHECK_EQUAL(all.ids().value().size(), 1);
  // Asked for again, it stays the same process.
  BOOST_CHECK_EQUAL(why_not(all.start("1-1", sleeper("1-1"))), "");
  BOOST_CHECK_EQUAL(all.look("1-1").pid, facts.pid);
  BOOST_CHECK_EQUAL(why_not(all.stop("1-1")), "");
  BOOST_CHECK(sleepers().empty());
  BOOST_CHECK(all.look("1-1").exit->why == cause::stopped);
}

BOOST_FIXTURE_TEST_CASE(is_not_spared_when_memory_is_short_as_its_owner_is,
                        process_fixture,
                        *boost::unit_test::precondition(may_be_spared)) {
  const auto owner = ::fork();
  if (owner == 0) {
    shim::write_into(own_rank, "-500");
    const auto failed = open().start(
      "1-1", grouped(shell(std::string{"cat "} + own_rank), "1-1"));
    ::_exit(failed ? 1 : 0);
  }
  int status = 0;
  ::waitpid(owner, &status, 0);
  BOOST_REQUIRE_EQUAL(status, 0);
  const auto all = open();
  BOOST_REQUIRE(ends(all, "1-1"));
  BOOST_CHECK_EQUAL(all.output("1-1", 100), "0\n");
}

BOOST_FIXTURE_TEST_CASE(a_second_shim_is_refused, process_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", sleeper("1-1"))), "");
  const auto before = all.look("1-1").pid;
  const auto pid = ::fork();
  if (pid == 0) {
    ::execl(find_shim()->c_str(), "shim", all.folder_of("1-1").c_str(),
            nullptr);
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  BOOST_CHECK_EQUAL(WEXITSTATUS(status), 1);
  BOOST_CHECK_EQUAL(all.look("1-1").pid, before);
  BOOST_CHECK_EQUAL(sleepers().size(), 1);
}

BOOST_FIXTURE_TEST_CASE(ends_one_that_ignores_it_with_all_it_has_started,
                        process_fixture) {
  const auto all = open();
  auto spec = grouped(shell("trap '' TERM; (setsid sh -c 'read a < " + mark()
                            + "' &) ; read a < " + mark()),
                      "1-1");
  spec.grace = std::chrono::milliseconds{50};
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(eventually([&] { return sleepers().size() == 2; }));
  BOOST_CHECK_EQUAL(why_not(all.stop("1-1")), "");
  BOOST_CHECK(sleepers().empty());
  BOOST_CHECK_EQUAL(all.look("1-1").exit->signal, SIGKILL);
  BOOST_CHECK_EQUAL(groups_left(), "");
  BOOST_CHECK_EQUAL(why_not(all.stop("1-1")), "");
}

BOOST_FIXTURE_TEST_CASE(ends_what_a_finished_one_has_left_without_groups_too,
                        process_fixture) {
  const auto all = open();
  const auto spec = shell("(setsid sh -c 'read a < " + mark() + "' &)");
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(ends(all, "1-1"));
  BOOST_CHECK(eventually([&] { return sleepers().empty(); }));
}

BOOST_FIXTURE_TEST_CASE(nothing_runs_unrecorded_when_killed_at_any_step,
                        process_fixture) {
  const auto all = open();
  int step = 0;
  for (; step < 40; ++step) {
    BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", sleeper("1-1"))), "");
    BOOST_REQUIRE_EQUAL(why_not(all.stop("1-1")), "");
    const auto died
      = die_at(step, all.folder_of("1-1"), std::chrono::milliseconds{300});
    BOOST_TEST_CONTEXT("killed before step " << step) {
      // One that was still held ends by itself; one that runs is known.
      BOOST_CHECK(eventually([&] {
        return sleepers().empty() || all.look("1-1").is == state::unattended;
      }));
      const auto left = sleepers();
      const auto facts = all.look("1-1");
      BOOST_CHECK(left.empty() || left == std::vector{facts.pid});
      // Started again, there is one and a whole one.
      BOOST_CHECK_EQUAL(why_not(all.start_again("1-1")), "");
      BOOST_CHECK(all.look("1-1").is == state::running);
      BOOST_CHECK(sleepers() == std::vector{all.look("1-1").pid});
      BOOST_CHECK_EQUAL(why_not(all.remove("1-1")), "");
      BOOST_CHECK(sleepers().empty());
      BOOST_CHECK_EQUAL(groups_left(), "");
      BOOST_CHECK(all.look("1-1").is == state::absent);
    }
    if (!died)
      break;
  }
  BOOST_CHECK_GE(step, 10);
}

BOOST_FIXTURE_TEST_CASE(removes_what_a_killed_shim_left, process_fixture) {
  const auto all = open();
  for (int step = 0; step < 40; ++step) {
    BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", sleeper("1-1"))), "");
    BOOST_REQUIRE_EQUAL(why_not(all.stop("1-1")), "");
    const auto died
      = die_at(step, all.folder_of("1-1"), std::chrono::milliseconds{300});
    BOOST_TEST_CONTEXT("killed before step " << step) {
      BOOST_CHECK_EQUAL(why_not(all.remove("1-1")), "");
      BOOST_CHECK(eventually([&] { return sleepers().empty(); }));
      BOOST_CHECK_EQUAL(groups_left(), "");
    }
    if (!died)
      break;
  }
}

BOOST_FIXTURE_TEST_CASE(starts_again_until_it_is_given_up, process_fixture) {
  const auto all = open();
  auto spec = grouped(shell("echo once; exit 7"), "1-1");
  spec.restarts_max = 3;
  spec.restart_delay = std::chrono::milliseconds{1};
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(ends(all, "1-1"));
  const auto facts = all.look("1-1");
  BOOST_CHECK(facts.exit->why == cause::gave_up);
  BOOST_CHECK_EQUAL(facts.exit->code, 7);
  BOOST_CHECK_EQUAL(facts.restarts, 3);
  BOOST_CHECK_EQUAL(all.output("1-1", 100), "once\nonce\nonce\nonce\n");
}

BOOST_FIXTURE_TEST_CASE(counts_its_ends_across_the_death_of_a_shim,
                        process_fixture) {
  const auto all = open();
  auto spec = grouped(shell("exit 7"), "1-1");
  spec.restarts_max = 1;
  spec.restart_delay = std::chrono::hours{1};
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(
    eventually([&] { return all.look("1-1").is == state::pausing; }));
  for (const auto pid : processes_with(all.folder_of("1-1")))
    ::kill(pid, SIGKILL);
  BOOST_REQUIRE(ends(all, "1-1"));
  BOOST_REQUIRE_EQUAL(why_not(all.start_again("1-1")), "");
  BOOST_REQUIRE(ends(all, "1-1"));
  BOOST_CHECK(all.look("1-1").exit->why == cause::gave_up);
}

BOOST_FIXTURE_TEST_CASE(can_be_stopped_while_it_pauses, process_fixture) {
  const auto all = open();
  auto spec = shell("exit 7");
  spec.restarts_max = 1;
  spec.restart_delay = std::chrono::hours{1};
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(
    eventually([&] { return all.look("1-1").is == state::pausing; }));
  BOOST_CHECK_EQUAL(why_not(all.stop("1-1")), "");
  BOOST_CHECK(all.look("1-1").exit->why == cause::stopped);
}

BOOST_FIXTURE_TEST_CASE(looks_after_what_a_starter_has_started,
                        process_fixture) {
  const auto all = open();
  const auto file = root + "/number";
  auto spec = grouped(
    shell("sh -c 'read a < " + mark() + "; exit 5' & echo $! > " + file),
    "1-1");
  spec.pid_file = file;
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_CHECK_EQUAL(std::to_string(all.look("1-1").pid) + '\n',
                    shim::read_small(file));
  // The started shell is the starter's copy at first.
  BOOST_CHECK(eventually([&] {
    return shim::read_small("/proc/" + std::to_string(all.look("1-1").pid)
                            + "/cmdline")
      .starts_with("sh");
  }));
  // Lets it go on, to its end.
  file_descriptor{::open(mark().c_str(), O_WRONLY | O_CLOEXEC)};
  BOOST_REQUIRE(ends(all, "1-1"));
  BOOST_CHECK_EQUAL(all.look("1-1").exit->code, 5);
}

BOOST_FIXTURE_TEST_CASE(says_why_a_starter_failed, process_fixture) {
  const auto all = open();
  auto spec = shell("exit 4");
  spec.pid_file = root + "/number";
  const auto failed = all.start("1-1", spec);
  BOOST_CHECK(failed.message.find("/bin/sh ended with code 4")
              != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(keeps_a_bounded_part_of_the_output, process_fixture) {
  const auto all = open();
  auto spec = shell("i=0; while [ $i -lt 20000 ]; do echo line $i; "
                    "i=$((i+1)); done");
  spec.log_bytes_max = 10000;
  spec.old_logs_max = 2;
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(ends(all, "1-1"));
  BOOST_CHECK(all.output("1-1", 100).ends_with("line 19999\n"));
  const auto log = all.folder_of("1-1") + "/log";
  BOOST_CHECK_LE(std::filesystem::file_size(log), 10000);
  BOOST_CHECK_EQUAL(std::filesystem::file_size(log + ".1"), 10000);
  BOOST_CHECK_EQUAL(std::filesystem::file_size(log + ".2"), 10000);
  BOOST_CHECK(!std::filesystem::exists(log + ".3"));
}

BOOST_FIXTURE_TEST_CASE(keeps_the_streams_apart_where_that_is_wanted,
                        process_fixture) {
  const auto all = open();
  auto spec = shell("i=0; while [ $i -lt 800 ]; do echo out $i; "
                    "echo err $i >&2; i=$((i+1)); done");
  spec.stream_bytes_max = 4000;
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(ends(all, "1-1"));
  for (const std::string name : {"out", "err"}) {
    const auto path = all.folder_of("1-1") + "/std" + name;
    const auto older = shim::read_small(path + ".1");
    const auto kept = older + shim::read_small(path);
    BOOST_CHECK_EQUAL(older.size(), 4000);
    BOOST_CHECK(kept.ends_with(name + " 798\n" + name + " 799\n"));
    BOOST_CHECK(kept.find(name == "out" ? "err" : "out") == std::string::npos);
  }
  // Together, as if nobody had wanted them apart.
  const auto log = all.output("1-1", 1U << 20U);
  for (const auto* part : {"out 0\n", "err 0\n", "out 799\n", "err 799\n"})
    BOOST_CHECK(log.find(part) != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(is_not_mistaken_for_another_of_the_same_number,
                        process_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", shell("exit 0"))), "");
  BOOST_REQUIRE(ends(all, "1-1"));
  const auto own = ::getpid();
  shim::process_state stale{
    .process = {.pid = own, .start_time = 1, .boot_id = shim::boot_id()}};
  const auto keep = [&] {
    return shim::write_durably(all.folder_of("1-1") + "/state",
                               shim::write_state(stale));
  };
  BOOST_REQUIRE(!keep());
  BOOST_CHECK(all.look("1-1").is == state::ended);
  // Nor for one of before a reboot.
  stale.process = {
    .pid = own, .start_time = shim::start_time_of(own), .boot_id = "another"};
  BOOST_REQUIRE(!keep());
  BOOST_CHECK(all.look("1-1").is == state::ended);
  BOOST_CHECK_EQUAL(why_not(all.stop("1-1")), "");
}

BOOST_FIXTURE_TEST_CASE(a_shim_takes_little_memory, process_fixture) {
  const auto all = open();
  auto spec = sleeper("1-1");
  spec.stream_bytes_max = 1U << 20U;
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  const auto shims = processes_with(all.folder_of("1-1"));
  BOOST_REQUIRE_EQUAL(shims.size(), 1);
  const auto status
    = shim::read_small("/proc/" + std::to_string(shims.front()) + "/status");
  const auto at = status.find("VmRSS:");
  BOOST_REQUIRE(at != std::string::npos);
  const auto kibibytes = std::stoi(status.substr(at + 6));
  BOOST_TEST_MESSAGE("a shim has " << kibibytes << " KiB");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  BOOST_CHECK_LE(kibibytes, 2048);
#endif
}

BOOST_AUTO_TEST_CASE(reports_a_kill_for_lack_of_memory,
                     *boost::unit_test::precondition(limits_are_possible)) {
  const process_fixture host;
  const auto all = host.open();
  const auto spec
    = host.grouped(shell("head -c 100000000 /dev/zero | tail -c 90000000"),
                   "1-1", {.memory_bytes = 16U << 20U});
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_REQUIRE(host.ends(all, "1-1"));
  BOOST_CHECK(all.look("1-1").exit->out_of_memory);
}

BOOST_AUTO_TEST_CASE(holds_the_limit_of_tasks,
                     *boost::unit_test::precondition(limits_are_possible)) {
  const process_fixture host;
  const auto all = host.open();
  const auto spec = host.grouped(
    shell("i=0; while [ $i -lt 20 ]; do sleep 1000 & i=$((i+1)); done; wait"),
    "1-1", {.tasks = 8});
  BOOST_REQUIRE_EQUAL(why_not(all.start("1-1", spec)), "");
  BOOST_CHECK(eventually([&] {
    return all.output("1-1", 1000).find("annot fork") != std::string::npos;
  }));
}

BOOST_AUTO_TEST_SUITE_END()
