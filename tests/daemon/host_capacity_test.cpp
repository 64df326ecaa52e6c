#include "daemon/host_capacity.hpp"
#include "messages/byte_units.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/statvfs.h>
#include <unistd.h>

#include <thread>

using namespace provision;

BOOST_AUTO_TEST_SUITE(host_capacity_test)

BOOST_AUTO_TEST_CASE(takes_the_configured_amounts) {
  auto limits
    = host_capacity(
        {.cru = 3, .mru = 8, .hru = 9, .sru = 10, .reserved_memory = 2},
        "/nowhere")
        .value();
  BOOST_CHECK_EQUAL(limits.capacity.cru, 3u);
  BOOST_CHECK_EQUAL(limits.capacity.mru, 6 * gib);
  BOOST_CHECK_EQUAL(limits.capacity.hru, 9 * gib);
  BOOST_CHECK_EQUAL(limits.capacity.sru, 10 * gib);
  BOOST_CHECK_EQUAL(limits.overhead.mru, 2 * gib);
}

BOOST_AUTO_TEST_CASE(measures_what_is_not_configured) {
  auto limits = host_capacity({.reserved_memory = 0}, "/").value();
  struct statvfs disk {};
  BOOST_REQUIRE_EQUAL(::statvfs("/", &disk), 0);
  auto memory = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES))
                * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  BOOST_CHECK_EQUAL(limits.capacity.cru, std::thread::hardware_concurrency());
  BOOST_CHECK_EQUAL(limits.capacity.mru, memory);
  BOOST_CHECK_EQUAL(limits.capacity.sru,
                    std::uint64_t{disk.f_blocks} * disk.f_frsize);
  BOOST_CHECK_EQUAL(limits.capacity.hru, 0u);
}

BOOST_AUTO_TEST_CASE(a_node_smaller_than_its_reserve_lends_no_memory) {
  auto limits
    = host_capacity({.mru = 1, .sru = 1, .reserved_memory = 2}, "/").value();
  BOOST_CHECK_EQUAL(limits.capacity.mru, 0u);
}

BOOST_AUTO_TEST_CASE(names_a_pool_that_cannot_be_measured) {
  auto limits = host_capacity({}, "/nowhere");
  BOOST_REQUIRE(!limits);
  BOOST_CHECK(limits.error().code == errc::backend_failure);
  BOOST_CHECK(limits.error().message.find("/nowhere") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
