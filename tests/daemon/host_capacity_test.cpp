#include "daemon/host_capacity.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/statvfs.h>
#include <unistd.h>

#include <thread>

#include "messages/byte_units.hpp"

using namespace provision;
using workloads::disk_type;

BOOST_AUTO_TEST_SUITE(host_capacity_test)

namespace {

reservation a_reservation(workloads::workload what) {
  reservation r;
  r.id = "7-1";
  r.workload = std::move(what);
  return r;
}

reservation a_container(std::uint64_t mebibytes) {
  return a_reservation(
    workloads::container{.capacity = {.cpu = 1, .memory = mebibytes}});
}

/// What the engine has counted for a reservation.
ledger_entry entry_of(const reservation& r) {
  return {.type = reservation_types::container,
          .takes = resources_of(r).value()};
}

} // namespace

BOOST_AUTO_TEST_CASE(takes_the_configured_amounts) {
  auto limits
    = host_capacity(
        {.cru = 3, .mru = 8, .hru = 9, .sru = 10, .reserved_memory = 2},
        "/nowhere", disk_type::ssd)
        .value();
  BOOST_CHECK_EQUAL(limits.capacity.cru, 3u);
  BOOST_CHECK_EQUAL(limits.capacity.mru, 6 * gib);
  BOOST_CHECK_EQUAL(limits.capacity.hru, 9 * gib);
  BOOST_CHECK_EQUAL(limits.capacity.sru, 10 * gib);
  BOOST_CHECK_EQUAL(limits.overhead.mru, 2 * gib);
}

BOOST_AUTO_TEST_CASE(measures_what_is_not_configured) {
  auto limits
    = host_capacity({.reserved_memory = 0}, "/", disk_type::ssd).value();
  struct statvfs disk {};
  BOOST_REQUIRE_EQUAL(::statvfs("/", &disk), 0);
  auto memory = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES))
                * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  BOOST_CHECK_EQUAL(limits.capacity.cru, std::thread::hardware_concurrency());
  BOOST_CHECK_EQUAL(limits.capacity.mru, (memory + gib - 1) / gib * gib);
  BOOST_CHECK_EQUAL(limits.capacity.sru,
                    std::uint64_t{disk.f_blocks} * disk.f_frsize);
  BOOST_CHECK_EQUAL(limits.capacity.hru, 0u);
}

BOOST_AUTO_TEST_CASE(a_pool_on_a_rotating_disk_is_no_solid_state_disk) {
  struct statvfs disk {};
  BOOST_REQUIRE_EQUAL(::statvfs("/", &disk), 0);
  auto limits = host_capacity({}, "/", disk_type::hdd).value();
  BOOST_CHECK_EQUAL(limits.capacity.hru,
                    std::uint64_t{disk.f_blocks} * disk.f_frsize);
  BOOST_CHECK_EQUAL(limits.capacity.sru, 0u);
}

BOOST_AUTO_TEST_CASE(a_node_smaller_than_its_reserve_lends_no_memory) {
  auto limits = host_capacity({.mru = 1, .sru = 1, .reserved_memory = 2}, "/",
                              disk_type::ssd)
                  .value();
  BOOST_CHECK_EQUAL(limits.capacity.mru, 0u);
}

BOOST_AUTO_TEST_CASE(lends_memory_by_the_originals_rule) {
  BOOST_CHECK_EQUAL(memory_to_lend(24 * gib, 2 * gib), 22 * gib);
  // What the kernel took at boot is not missing.
  BOOST_CHECK_EQUAL(memory_to_lend(24 * gib - 500'000'000, 2 * gib), 22 * gib);
  BOOST_CHECK_EQUAL(memory_to_lend(23 * gib + 1, 2 * gib), 22 * gib);
  BOOST_CHECK_EQUAL(memory_to_lend(2 * gib, 2 * gib), 0U);
  BOOST_CHECK_EQUAL(memory_to_lend(1, 2 * gib), 0U);
}

BOOST_AUTO_TEST_CASE(refuses_workloads_beyond_the_memory_that_is_lent) {
  resources lent{1000, memory_to_lend(6 * gib + 1, 2 * gib), 1000 * gib,
                 10'000 * gib};
  ledger numbers{{.capacity = lent, .overhead = {.mru = 2 * gib}}};
  BOOST_CHECK(!numbers.admit(entry_of(a_container(4096))));
  // Up to the last byte, which what is reserved for the system is no part of.
  BOOST_CHECK(!numbers.admit(entry_of(a_container(1024))));
  const auto refused = numbers.admit(entry_of(a_container(1024)));
  BOOST_CHECK(refused.code == errc::no_capacity);
  BOOST_CHECK(refused.message.find("MRU short by 1073741824 bytes")
              != std::string::npos);
  const auto machine
    = entry_of(a_reservation(workloads::kubernetes{.size = 1}));
  BOOST_CHECK(numbers.admit(machine).code == errc::no_capacity);
  // Volumes and namespaces take no memory.
  BOOST_CHECK(
    !numbers.admit(entry_of(a_reservation(workloads::volume{.size = 1}))));
  BOOST_CHECK(
    !numbers.admit(entry_of(a_reservation(workloads::zdb{.size = 1}))));
  numbers.decrement(entry_of(a_container(4096)));
  BOOST_CHECK(!numbers.admit(machine));
}

BOOST_AUTO_TEST_CASE(names_a_pool_that_cannot_be_measured) {
  for (auto kind : {disk_type::hdd, disk_type::ssd}) {
    auto limits = host_capacity({}, "/nowhere", kind);
    BOOST_REQUIRE(!limits);
    BOOST_CHECK(limits.error().code == errc::backend_failure);
    BOOST_CHECK(limits.error().message.find("/nowhere") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
