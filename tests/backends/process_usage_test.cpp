#include "backends/host/process_usage.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(process_usage_test)

namespace {

constexpr auto table
  = "Inter-|   Receive                            |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes\n"
    "    lo:     100       1    0    0    0     0          0         0      100"
    "       1    0    0    0     0       0          0\n"
    "  eth0: 4294967296    23    0    0    0     0          0         0     "
    "1234"
    "      17    0    0    0     0       0          0\n";

} // namespace

BOOST_AUTO_TEST_CASE(reads_what_a_device_carried) {
  workload_usage uses;
  read_device(table, "eth0", cable_end::inner, uses);
  BOOST_CHECK(uses.received_bytes == 4294967296);
  BOOST_CHECK(uses.sent_bytes == 1234u);
}

BOOST_AUTO_TEST_CASE(the_hosts_end_of_a_cable_counts_the_other_way) {
  workload_usage uses;
  read_device(table, "eth0", cable_end::outer, uses);
  BOOST_CHECK(uses.received_bytes == 1234u);
  BOOST_CHECK(uses.sent_bytes == 4294967296);
}

BOOST_AUTO_TEST_CASE(knows_nothing_of_a_device_that_is_not_there) {
  for (const auto* text : {table, "", "eth1: 7\n"}) {
    workload_usage uses;
    read_device(text, "eth1", cable_end::inner, uses);
    BOOST_CHECK(!uses.received_bytes);
    BOOST_CHECK(!uses.sent_bytes);
  }
}

BOOST_AUTO_TEST_SUITE_END()
