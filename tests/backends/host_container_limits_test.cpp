#include <algorithm>
#include <chrono>
#include <fstream>

#include "tests/backends/container_under_test.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_container_limits_test,
                      *boost::unit_test::precondition(containers_are_possible))

BOOST_FIXTURE_TEST_CASE(is_shut_in, container_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(
    why_not(all->ensure(
      order("mkdir /there; mount -t tmpfs none /there && echo BROKE mount;"
            "unshare -U true && echo BROKE user space;"
            "mknod /disk b 8 0 && echo BROKE device;"
            "echo 1 > /proc/sys/vm/drop_caches && echo BROKE sysctl;"
            "ls /sys/* && echo BROKE sysfs;"
            "kill -9 2 && echo BROKE pids;"
            "echo 0 > /proc/sysrq-trigger && echo BROKE sysrq;"
            "echo tried; sleep 1000"))),
    "");
  BOOST_REQUIRE(says("tried"));
  BOOST_CHECK_EQUAL(output().find("BROKE"), std::string::npos);
  BOOST_CHECK_EQUAL(status(*all, "NoNewPrivs"), "1");
  BOOST_CHECK_EQUAL(status(*all, "Seccomp"), "2");
  BOOST_CHECK(status(*all, "Uid").starts_with("100000"));
  // No right beyond those of container_capabilities().
  BOOST_CHECK_EQUAL(status(*all, "CapBnd"), "00000000800405fb");
  BOOST_CHECK_EQUAL(status(*all, "CapInh"), "0000000000000000");
  // A file of the host is not given to the container's root.
  struct stat facts = {};
  ::stat("/dev/null", &facts);
  BOOST_CHECK_EQUAL(facts.st_uid, 0);
}

BOOST_FIXTURE_TEST_CASE(one_that_needs_more_memory_is_killed_and_given_up,
                        container_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(order("exec tail /dev/zero"))), "");
  BOOST_REQUIRE(is_over(*all));
  const auto facts = all->inspect("200-1");
  BOOST_CHECK_EQUAL(facts.reason, "was killed by signal 9, out of memory");
  BOOST_CHECK_EQUAL(facts.restarts, 3);
}

BOOST_FIXTURE_TEST_CASE(can_make_no_more_processes_than_allowed,
                        container_fixture) {
  auto options = options_for();
  options.tasks_max = 10;
  const auto all = std::move(*host_container_backend::open(std::move(options)));
  BOOST_REQUIRE_EQUAL(
    why_not(all->ensure(order("i=0; while [ $i -lt 20 ]; do sleep 1000 & "
                              "i=$((i+1)); done; wait"))),
    "");
  BOOST_CHECK(says("an't fork"));
}

BOOST_FIXTURE_TEST_CASE(can_write_no_more_than_its_disk_has,
                        container_fixture) {
  if (!volumes->ability().enforced) {
    std::cout << "SKIP: no limit is enforced: " << volumes->ability().reason
              << '\n';
    return;
  }
  const auto all = open();
  auto wanted = order("dd if=/dev/zero of=/big bs=1M count=100 && echo BROKE;"
                      "stat -c 'size %s' /big; sleep 1000");
  wanted.disk_bytes = 32 * mebibyte;
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  BOOST_REQUIRE(says("size "));
  const auto said = output();
  BOOST_CHECK_EQUAL(said.find("BROKE"), std::string::npos);
  const auto size = std::stoull(said.substr(said.find("size ") + 5));
  BOOST_CHECK_LE(size, 32 * mebibyte);
  BOOST_CHECK_GT(size, 16 * mebibyte);
}

BOOST_FIXTURE_TEST_CASE(has_the_cpus_it_asked_for, container_fixture) {
  const auto all = open();
  auto wanted = order("sleep 1000");
  wanted.cpus = 2;
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  const auto spec
    = shim::read_spec(shim::read_small(folder + "/containers/200-1/spec"));
  BOOST_REQUIRE(spec);
  // What the kernel itself says of each limit that was set in a group.
  int limits = 0;
  for (const auto& [file, value] : spec->limits)
    if (file.find("200-1") != std::string::npos) {
      BOOST_CHECK_EQUAL(shim::read_small(file), value + '\n');
      ++limits;
    }
  BOOST_CHECK_GE(limits, 3);
}

BOOST_AUTO_TEST_SUITE_END()
