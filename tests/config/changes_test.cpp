#include "config/changes.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision::config;
using names = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(changes_test)

BOOST_AUTO_TEST_CASE(tells_what_can_change_now_from_what_waits) {
  node_config before;
  auto after = before;
  after.log.level = log_level::debug;
  after.engine.queue_max += 1;
  after.explorer.url = "http://explorer";
  auto found = changes_between(before, after);
  BOOST_TEST(found.live == names{"log.level"},
             boost::test_tools::per_element());
  BOOST_TEST(found.restart == (names{"explorer.url", "engine.queue_max"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(finds_nothing_where_nothing_changed) {
  auto found = changes_between({}, {});
  BOOST_TEST(found.live.empty());
  BOOST_TEST(found.restart.empty());
}

BOOST_AUTO_TEST_SUITE_END()
