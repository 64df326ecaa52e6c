#include "daemon/workers.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "daemon/containers.hpp"
#include "daemon/networks.hpp"
#include "daemon/volumes.hpp"
#include "daemon/workload_parts.hpp"

using namespace provision;

namespace workers_test {
namespace {

/// A node that opens everything, and whose only user is 7.
struct trusting_site {
  trusting_site() {
    site.open_secret = [](const reservation&, std::string_view sealed) {
      return expected<secret>{secret{"open:" + std::string{sealed}}};
    };
    site.open_network_key
      = [](std::string_view) { return expected<secret>{secret{"key"}}; };
    site.owner = [](const reservation_type& type, const std::string& id) {
      return expected<std::string>{type.name + ' ' + id + " is 7's"};
    };
    handed.data = R"({"size":1,"password":"00ff"})";
  }

  workload_site site = {};
  reservation handed = {};
};

std::string told(const expected<std::string>& answer) {
  return answer ? *answer : "refused";
}

worker_question about(worker_need need, const std::string& text) {
  return {.need = need, .id = "12-1", .text = text};
}

} // namespace
} // namespace workers_test

BOOST_FIXTURE_TEST_SUITE(workers_test, trusting_site)

BOOST_AUTO_TEST_CASE(a_worker_of_this_host_is_told_all_that_it_asks) {
  const auto counsel = counsel_of_own(site);
  BOOST_CHECK_EQUAL(told(counsel(about(worker_need::secret, "00ff"), &handed)),
                    "open:00ff");
  BOOST_CHECK_EQUAL(
    told(counsel(about(worker_need::network_key, "any"), nullptr)), "key");
  BOOST_CHECK_EQUAL(told(counsel(about(worker_need::owner, "volume"), nullptr)),
                    "volume 12-1 is 7's");
  // By whose rules it is sealed is in the reservation.
  BOOST_CHECK_EQUAL(told(counsel(about(worker_need::secret, "00ff"), nullptr)),
                    "refused");
}

BOOST_AUTO_TEST_CASE(a_worker_elsewhere_learns_what_it_was_handed_alone) {
  const auto counsel = counsel_of_remote(site);
  BOOST_CHECK_EQUAL(told(counsel(about(worker_need::secret, "00ff"), &handed)),
                    "open:00ff");
  for (const auto* sealed : {"another's", ""})
    BOOST_CHECK_EQUAL(
      told(counsel(about(worker_need::secret, sealed), &handed)), "refused");
  BOOST_CHECK_EQUAL(told(counsel(about(worker_need::secret, "00ff"), nullptr)),
                    "refused");
  for (const auto need : {worker_need::network_key, worker_need::owner})
    BOOST_CHECK_EQUAL(told(counsel(about(need, "00ff"), &handed)), "refused");
}

BOOST_AUTO_TEST_CASE(every_type_that_can_be_isolated_has_its_parts) {
  for (const auto type : config::isolatable_types)
    BOOST_CHECK(!parts_for({std::string{type}}).empty());
  BOOST_CHECK(parts_for(reservation_types::debug).empty());
}

BOOST_AUTO_TEST_CASE(every_type_but_debug_can_be_isolated) {
  for (const auto& part : workload_parts())
    for (const auto& type : part.types)
      BOOST_CHECK_EQUAL(config::why_not_isolated(type.name), "");
  BOOST_CHECK_NE(config::why_not_isolated("debug"), "");
}

BOOST_AUTO_TEST_CASE(a_worker_is_made_of_what_its_type_builds_on) {
  const auto parts = parts_for(reservation_types::container);
  BOOST_REQUIRE_EQUAL(parts.size(), 3u);
  BOOST_CHECK(parts[0].add == add_volumes);
  BOOST_CHECK(parts[1].add == add_networks);
  BOOST_CHECK(parts[2].add == add_containers);
  BOOST_REQUIRE_EQUAL(parts_for(reservation_types::network).size(), 1u);
}

BOOST_AUTO_TEST_SUITE_END()
