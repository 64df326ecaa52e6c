#include "backends/host/host_machine_backend.hpp"

#include <fcntl.h>

#include "backends/host/machine_identity.hpp"
#include "messages/base64.hpp"
#include "tests/backends/machine_words.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_machine_backend_test,
                      *boost::unit_test::precondition(machines_are_possible))

namespace {

using state = process_facts::state;

std::string of_process(int pid, const std::string& file) {
  return shim::read_small("/proc/" + std::to_string(pid) + '/' + file);
}

long long ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::steady_clock::now() - begin)
    .count();
}

/// An image like the usual one, with a disk that begins with `text`.
std::string image_with_disk(const std::string& folder,
                            const std::string& text) {
  namespace fs = std::filesystem;
  fs::create_directories(folder);
  for (const auto* name : {"kernel", "initrd", "command_line"})
    fs::create_symlink(test_guest().value() + '/' + name, folder + '/' + name);
  std::ofstream{folder + "/raw"} << text;
  fs::resize_file(folder + "/raw", mebibyte);
  const auto made = run({.program = what_machines_need().tools.qemu_img,
                         .arguments = {"convert", "-f", "raw", "-O", "qcow2",
                                       folder + "/raw", folder + "/disk"}});
  BOOST_REQUIRE_MESSAGE(made, why(made));
  return folder;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(boots_debians_kernel_with_what_was_asked_for,
                        machine_host) {
  const auto backend = open();
  BOOST_CHECK(backend->inspect("200-1").state == presence::absent);
  const auto begin = std::chrono::steady_clock::now();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  BOOST_TEST_MESSAGE("order done after " << ms_since(begin) << " ms");
  const auto facts = backend->inspect("200-1");
  BOOST_CHECK_MESSAGE(facts.state == presence::present, facts.reason);
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 1"), console());
  BOOST_TEST_MESSAGE("in user space after " << ms_since(begin) << " ms");
  const auto said = console();
  BOOST_TEST_INFO(said);
  BOOST_CHECK(holds(said, "GUEST cpus=2\r"));
  const auto uses = backend->usage("200-1");
  BOOST_REQUIRE_MESSAGE(uses, why(uses));
  BOOST_CHECK_GT(uses->memory_bytes.value_or(0), 0u);
  BOOST_CHECK_GT(uses->cpu_us.value_or(0), 0u);
  BOOST_CHECK_GT(uses->disk_bytes.value_or(0), 0u);
  // What the guest has sent to find its neighbours.
  BOOST_CHECK(uses->sent_bytes);
  BOOST_CHECK(uses->received_bytes);
  BOOST_CHECK(holds(said, "GUEST disk_sectors=131072\r"));
  BOOST_CHECK(holds(
    said,
    "GUEST mac=" + machine_identity{node(), "200-1"}.hardware_address + '\r'));
  BOOST_CHECK(holds(said, "\"local-hostname\":\"200-1\""));
  BOOST_CHECK(holds(said, "\"addresses\":[\"10.1.2.5/24\"]"));
  BOOST_CHECK(holds(said, "ssh-ed25519 AAAA user"));
  BOOST_CHECK(holds(said, base64::encode("hidden")));
  BOOST_CHECK(is_heard("hello from boot 1\n", "10.1.2.5"));
}

BOOST_FIXTURE_TEST_CASE(has_no_powers_and_shows_no_secrets, machine_host) {
  const auto backend = open();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  const auto pid = backend->inspect("200-1").pid;
  const auto status = of_process(pid, "status");
  BOOST_TEST_INFO(status);
  BOOST_CHECK(holds(status, "CapEff:\t0000000000000000"));
  BOOST_CHECK(holds(status, "CapBnd:\t0000000000000000"));
  BOOST_CHECK(holds(status, "NoNewPrivs:\t1"));
  BOOST_CHECK(holds(status, "Seccomp:\t2"));
  const auto words = of_process(pid, "cmdline");
  BOOST_CHECK(holds(words, "qemu-system-x86_64"));
  BOOST_CHECK(!holds(words, "hidden"));
  BOOST_CHECK(!holds(words, base64::encode("hidden")));
  const auto seed = backend->processes().folder_of("200-1") + "/seed";
  BOOST_CHECK(
    (std::filesystem::status(seed).permissions() & std::filesystem::perms{077})
    == std::filesystem::perms::none);
}

BOOST_FIXTURE_TEST_CASE(outlives_the_daemon_and_is_recognised, machine_host) {
  BOOST_REQUIRE_EQUAL(why_not(open()->ensure(order())), "");
  const auto again = open();
  const auto facts = again->inspect("200-1");
  BOOST_CHECK_MESSAGE(facts.state == presence::present, facts.reason);
  BOOST_REQUIRE_EQUAL(why_not(again->ensure(order())), "");
  BOOST_CHECK_EQUAL(again->restore("200-1").value(), false);
  BOOST_CHECK_EQUAL(again->inspect("200-1").pid, facts.pid);
}

BOOST_FIXTURE_TEST_CASE(does_not_take_another_machine_for_its_own,
                        machine_host) {
  BOOST_REQUIRE_EQUAL(why_not(open()->ensure(order())), "");
  auto options = machine_host::options();
  options.node_id = "other";
  const auto other = machine_host::open(std::move(options));
  BOOST_CHECK(other->inspect("200-1").state == presence::foreign);
  BOOST_CHECK(other->ensure(order()).code == errc::already_exists);
}

BOOST_FIXTURE_TEST_CASE(keeps_its_disk_when_it_is_deployed_again,
                        machine_host) {
  const auto backend = open();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 1"), console());
  // As a reboot of the host does.
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("200-1")), "");
  BOOST_CHECK(backend->inspect("200-1").state == presence::partial);
  BOOST_CHECK_EQUAL(backend->restore("200-1").value(), true);
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 2"), console());
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("200-1")), "");
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  BOOST_CHECK_MESSAGE(says("GUEST is up, boot 3"), console());
}

BOOST_FIXTURE_TEST_CASE(a_new_disk_shows_what_the_images_holds, machine_host) {
  auto options = machine_host::options();
  options.image_folder = image_with_disk(folder + "/image", "41  ");
  const auto backend = machine_host::open(std::move(options));
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 42"), console());
  // As large as was asked for, not as the image's.
  BOOST_CHECK(holds(console(), "GUEST disk_sectors=131072\r"));
}

BOOST_FIXTURE_TEST_CASE(lets_its_system_shut_down_before_it_goes,
                        machine_host) {
  std::string last_words;
  auto options = machine_host::options();
  options.shutdown_patience = std::chrono::minutes{1};
  options.restart_delay = std::chrono::minutes{1};
  options.before_step = [&](std::string_view step) {
    if (step == "detach")
      last_words = console();
    return error{};
  };
  const auto backend = machine_host::open(std::move(options));
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  BOOST_REQUIRE_MESSAGE(says("GUEST is up"), console());
  BOOST_REQUIRE_EQUAL(why_not(backend->destroy("200-1")), "");
  BOOST_TEST_INFO(last_words);
  BOOST_CHECK(holds(last_words, "GUEST leaves"));
  BOOST_CHECK(holds(last_words, "reboot: Power down"));
  BOOST_CHECK(backend->inspect("200-1").state == presence::absent);
  BOOST_CHECK_EQUAL(traces(), "");
  BOOST_CHECK_EQUAL(why_not(backend->destroy("200-1")), "");
}

BOOST_FIXTURE_TEST_CASE(comes_back_when_its_system_switches_it_off,
                        machine_host) {
  const auto backend = open();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 1"), console());
  auto monitor = qemu_monitor::connect(backend->processes().folder_of("200-1")
                                         + "/run/control",
                                       std::chrono::seconds{5});
  BOOST_REQUIRE_MESSAGE(monitor, why(monitor));
  BOOST_REQUIRE_EQUAL(why_not(monitor->press_power_button()), "");
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 2"), console());
  BOOST_CHECK_EQUAL(backend->inspect("200-1").restarts, 1);
}

BOOST_FIXTURE_TEST_CASE(refuses_what_its_network_has_no_room_for,
                        machine_host) {
  const auto backend = open();
  auto outside = order();
  outside.address = address("10.9.9.9");
  BOOST_CHECK(backend->ensure(outside).code == errc::invalid_reservation);
  auto nowhere = order();
  nowhere.network_id = "red";
  BOOST_CHECK(backend->ensure(nowhere).code == errc::invalid_reservation);
  BOOST_CHECK(backend->inspect("200-1").state == presence::absent);
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(says_why_a_machine_does_not_start, machine_host) {
  const auto backend = open();
  auto huge = order();
  // No address space holds that.
  huge.memory_bytes = std::uint64_t{1} << 60U;
  const auto failed = backend->ensure(huge);
  BOOST_CHECK(failed.code == errc::provision_failed);
  BOOST_TEST_INFO(failed.message);
  BOOST_CHECK(holds(failed.message, "qemu-system-x86_64: "));
  BOOST_CHECK(backend->inspect("200-1").state == presence::absent);
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(recovers_from_a_crash_at_every_step, machine_host) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 30);
    BOOST_TEST_CONTEXT("broken off after " << passed << " steps") {
      steps counted{passed};
      const auto failed = open(counted.hook())->ensure(order());
      const auto second = open();
      // Not by its keeper, who does not know whether it is wanted.
      BOOST_CHECK_EQUAL(second->restore("200-1").value(), false);
      BOOST_REQUIRE_EQUAL(why_not(second->ensure(order())), "");
      BOOST_CHECK(second->inspect("200-1").state == presence::present);
      steps left{passed};
      const auto stuck = open(left.hook())->destroy("200-1");
      BOOST_CHECK_EQUAL(second->restore("200-1").value(), false);
      BOOST_REQUIRE_EQUAL(why_not(second->destroy("200-1")), "");
      BOOST_CHECK(second->inspect("200-1").state == presence::absent);
      BOOST_CHECK_EQUAL(traces(), "");
      if (!failed && !stuck)
        return;
    }
  }
}

BOOST_FIXTURE_TEST_CASE(lists_itself_with_its_disk, machine_host) {
  const auto backend = open();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  check_list(*backend, "machine", {"200-1"});
}

BOOST_AUTO_TEST_SUITE_END()
