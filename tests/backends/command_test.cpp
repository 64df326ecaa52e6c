#include "backends/host/command.hpp"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/file_descriptor.hpp"
#include "messages/batch_thread.hpp"

using namespace provision;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(command_test)

namespace {

expected<command_output> shell(const std::string& script,
                               std::chrono::milliseconds deadline = 10s) {
  return run(
    {.program = "/bin/sh", .arguments = {"-c", script}, .deadline = deadline});
}

} // namespace

BOOST_AUTO_TEST_CASE(returns_what_the_program_writes) {
  const auto done = shell("echo out; echo err >&2");
  BOOST_REQUIRE(done);
  BOOST_CHECK_EQUAL(done->out, "out\n");
  BOOST_CHECK_EQUAL(done->err, "err\n");
  BOOST_CHECK(!done->cut);
}

BOOST_AUTO_TEST_CASE(passes_arguments_without_a_shell) {
  const auto done
    = run({.program = "/bin/echo", .arguments = {"a b", "$HOME", "*"}});
  BOOST_REQUIRE(done);
  BOOST_CHECK_EQUAL(done->out, "a b $HOME *\n");
}

BOOST_AUTO_TEST_CASE(schedules_a_program_like_its_process) {
  const auto of_a_program = [] {
    const auto done = shell("cut -d' ' -f41 /proc/$$/stat");
    return done ? done->out : to_string(done.error());
  };
  const auto usual = of_a_program();
  std::string started_by_a_batch_thread;
  std::thread{[&] {
    become_batch_thread();
    started_by_a_batch_thread = of_a_program();
  }}.join();
  BOOST_CHECK_EQUAL(usual, std::to_string(::sched_getscheduler(0)) + "\n");
  BOOST_CHECK_EQUAL(started_by_a_batch_thread, usual);
}

BOOST_AUTO_TEST_CASE(names_program_code_and_complaint) {
  const auto done = shell("echo no room >&2; echo more >&2; exit 3");
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::backend_failure);
  BOOST_CHECK_EQUAL(done.error().detail, 3);
  BOOST_CHECK_EQUAL(done.error().message,
                    "/bin/sh ended with code 3: no room; more");
}

BOOST_AUTO_TEST_CASE(names_the_signal_that_ended_the_program) {
  const auto done = shell("kill -TERM $$");
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::backend_failure);
  BOOST_CHECK_EQUAL(done.error().message, "/bin/sh was ended by signal 15");
}

BOOST_AUTO_TEST_CASE(takes_a_kill_that_it_did_not_send_for_lack_of_memory) {
  const auto done = shell("kill -KILL $$");
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::host_busy);
}

BOOST_AUTO_TEST_CASE(tells_what_may_pass_from_what_every_workload_meets) {
  const auto code = [](int number) { return system_error("x", number).code; };
  BOOST_CHECK(code(ENOSPC) == errc::disk_full);
  BOOST_CHECK(code(EBUSY) == errc::host_busy);
  BOOST_CHECK(code(EAGAIN) == errc::host_busy);
  BOOST_CHECK(code(ENOMEM) == errc::host_unavailable);
  BOOST_CHECK(code(EPERM) == errc::host_unavailable);
  BOOST_CHECK(code(EIO) == errc::host_unavailable);
  BOOST_CHECK(code(ENOENT) == errc::backend_failure);
  BOOST_CHECK(code(EINVAL) == errc::backend_failure);
  BOOST_CHECK(find_program("no-such-program", "none").error().code
              == errc::host_unavailable);
}

BOOST_AUTO_TEST_CASE(kills_a_hung_program_and_its_children_at_the_deadline) {
  // The child writes its own number and then hangs with the pipe open.
  const auto start = std::chrono::steady_clock::now();
  const auto done = shell("trap '' TERM; sleep 1000 & sleep 1000", 100ms);
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::host_busy);
  BOOST_CHECK(std::chrono::steady_clock::now() - start < 5s);
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_children_that_hold_the_pipe) {
  const auto start = std::chrono::steady_clock::now();
  const auto done = shell("sleep 1000 & echo ready", 10s);
  BOOST_REQUIRE(done);
  BOOST_CHECK_EQUAL(done->out, "ready\n");
  BOOST_CHECK(std::chrono::steady_clock::now() - start < 5s);
}

BOOST_AUTO_TEST_CASE(keeps_a_bounded_part_of_the_output) {
  const auto done = shell("head -c 1000000 /dev/zero; echo end >&2");
  BOOST_REQUIRE(done);
  BOOST_CHECK_EQUAL(done->out.size(), 65536U);
  BOOST_CHECK_EQUAL(done->err, "end\n");
  BOOST_CHECK(done->cut);
}

BOOST_AUTO_TEST_CASE(gives_the_program_no_file_and_a_plain_environment) {
  // On purpose without O_CLOEXEC.
  const file_descriptor leak{::open("/dev/null", O_RDONLY)};
  const auto files = shell("ls /proc/self/fd | wc -l; readlink /proc/$$/fd/0");
  BOOST_REQUIRE(files);
  // 0, 1, 2 and the one that ls lists the folder with.
  BOOST_CHECK_EQUAL(files->out, "4\n/dev/null\n");
  const auto environment = run({.program = "/usr/bin/env"});
  BOOST_REQUIRE(environment);
  BOOST_CHECK_EQUAL(environment->out,
                    "LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
}

BOOST_AUTO_TEST_CASE(refuses_a_missing_program_and_a_relative_path) {
  const auto missing = run({.program = "/nowhere/at/all"});
  BOOST_REQUIRE(!missing);
  BOOST_CHECK(missing.error().code == errc::host_unavailable);
  BOOST_CHECK(!run({.program = "sh"}));
}

BOOST_AUTO_TEST_CASE(finds_programs_and_names_the_package_of_missing_ones) {
  BOOST_CHECK(find_program("sh", "dash"));
  const auto missing = find_program("no-such-program", "some-package");
  BOOST_REQUIRE(!missing);
  BOOST_CHECK_EQUAL(
    missing.error().message,
    "no-such-program not found; install the package some-package");
}

BOOST_AUTO_TEST_CASE(gives_the_program_its_input_also_as_a_file) {
  // More than a pipe holds.
  const std::string input(200000, 'x');
  const auto done = run({.program = "/bin/sh",
                         .arguments = {"-c", "wc -c; wc -c < /dev/stdin"},
                         .input = input});
  BOOST_REQUIRE(done);
  BOOST_CHECK_EQUAL(done->out, "200000\n200000\n");
  BOOST_CHECK_EQUAL(shell("wc -c")->out, "0\n");
}

BOOST_AUTO_TEST_CASE(a_launched_program_goes_on_in_a_session_of_its_own) {
  // It ends when nobody holds the other end of the pipe any more.
  const auto folder = std::filesystem::temp_directory_path().string();
  auto pipe = folder + "/launched-XXXXXX";
  BOOST_REQUIRE(::mkdtemp(pipe.data()) != nullptr);
  const auto fifo = pipe + "/fifo";
  const auto session = pipe + "/session";
  BOOST_REQUIRE_EQUAL(::mkfifo(fifo.c_str(), 0600), 0);
  const auto started = launch(
    {.program = "/bin/sh",
     .arguments = {"-c", "cut -d' ' -f6 /proc/$$/stat > " + session
                           + "; echo $$ >> " + session + "; cat " + fifo}});
  BOOST_REQUIRE(started);
  {
    const file_descriptor held{::open(fifo.c_str(), O_WRONLY | O_CLOEXEC)};
    BOOST_REQUIRE(held);
    BOOST_CHECK(!reap(*started));
  }
  pollfd end{started->number(), POLLIN, 0};
  BOOST_REQUIRE_EQUAL(::poll(&end, 1, 10000), 1);
  BOOST_CHECK(reap(*started));
  // It is no child of ours any more.
  BOOST_CHECK(reap(*started));
  std::ifstream said{session};
  int leader = 0;
  int number = 0;
  said >> leader >> number;
  BOOST_CHECK_EQUAL(leader, number);
  BOOST_CHECK_GT(number, 0);
  std::filesystem::remove_all(pipe);
  BOOST_CHECK(!launch({.program = "cat"}));
}

BOOST_AUTO_TEST_SUITE_END()
