#include "backends/host/workload_holdings.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(workload_holdings_test)

namespace {

const workload_record a_record{.network_id = "blue",
                               .addresses
                               = {workloads::parse_ip("10.1.2.5").value(),
                                  workloads::parse_ip("fd00::5").value()},
                               .volumes = {"12-1"},
                               .disk_bytes = 1ULL << 40U};

} // namespace

BOOST_AUTO_TEST_CASE(reads_what_it_wrote) {
  BOOST_CHECK(read_workload_record(write_record(a_record)).value() == a_record);
}

BOOST_AUTO_TEST_CASE(refuses_half_a_record_and_foreign_lines) {
  const auto whole = write_record(a_record);
  for (std::size_t size = 0; size + 1 < whole.size(); ++size)
    BOOST_CHECK(!read_workload_record(whole.substr(0, size)));
  for (const std::string text :
       {"color\tblue\nend\n", "disk_bytes\t12x\nend\n", "address\tx\nend\n",
        "network\tblue\tred\nend\n"}) {
    const auto read = read_workload_record(text);
    BOOST_REQUIRE_MESSAGE(!read, text);
    BOOST_CHECK(read.error().code == errc::storage_corrupt);
  }
}

BOOST_AUTO_TEST_SUITE_END()
