#include "actors/janitor.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;

BOOST_AUTO_TEST_SUITE(janitor_test)

BOOST_AUTO_TEST_CASE(reports_what_has_no_record_and_spares_what_is_unknown) {
  std::vector<host_object> host{{reservation_types::volume, "1-1"},
                                {reservation_types::volume, "2-1"},
                                {reservation_types::zdb, "3-1"}};
  auto report
    = cleanup_resources(host, [](const std::string& id) -> expected<bool> {
        if (id == "2-1")
          return fail(errc::storage_corrupt, "bad block");
        return id == "1-1";
      });
  BOOST_CHECK_EQUAL(report.looked_at, 3);
  BOOST_REQUIRE_EQUAL(report.orphans.size(), 1);
  BOOST_CHECK_EQUAL(report.orphans[0].id, "3-1");
}

BOOST_AUTO_TEST_SUITE_END()
