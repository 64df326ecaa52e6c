#include "backends/host/probe_host.hpp"

#include <algorithm>
#include <filesystem>

#include <boost/test/unit_test.hpp>

#include "backends/host/network_tools.hpp"
#include "tests/backends/host_traces.hpp"
#include "tests/backends/scratch_pool.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(probe_host_test)

BOOST_AUTO_TEST_CASE(says_of_every_type_once_what_can_be_done) {
  const scratch_pool scratch;
  const auto found = probe_host(scratch.root());
  BOOST_CHECK_EQUAL(found.size(), 13);
  for (const auto& [type, ability] : found) {
    BOOST_TEST_CONTEXT(type.name) {
      BOOST_CHECK_LT(order_rank(type), order_rank({"unheard of"}));
      BOOST_CHECK_EQUAL(std::ranges::count(found, type, &type_ability::type),
                        1);
      // One that works says how, one that does not or not fully says why.
      BOOST_CHECK_EQUAL(ability.technique.empty(),
                        ability.state == ability::level::missing);
      BOOST_CHECK_EQUAL(ability.reason.empty(),
                        ability.state == ability::level::ok);
    }
  }
  BOOST_CHECK(std::ranges::is_sorted(
    found, {}, [](const type_ability& one) { return order_rank(one.type); }));
  // Nothing stays in the folder.
  BOOST_CHECK(std::filesystem::is_empty(scratch.root()));
}

BOOST_AUTO_TEST_CASE(leaves_the_host_as_it_was,
                     *boost::unit_test::precondition(root_is_there)) {
  const scratch_pool scratch;
  const std::vector<std::string> marks{"probe", scratch.root()};
  const host_traces before{marks};
  probe_host(scratch.root());
  BOOST_CHECK_EQUAL(host_traces{marks}.beyond(before), "");
}

BOOST_AUTO_TEST_CASE(a_network_that_is_possible_names_its_programs,
                     *boost::unit_test::precondition(root_is_there)) {
  const auto found = probe_network();
  BOOST_TEST_CONTEXT(found.ability.reason) {
    BOOST_REQUIRE(found.ability.state != ability::level::missing);
    for (const auto& program :
         {found.tools.ip, found.tools.nft, found.tools.wg})
      BOOST_CHECK(program.starts_with('/'));
    // Either the kernel does it, or a program that was found.
    BOOST_CHECK_EQUAL(found.tools.wireguard_go.empty(),
                      found.ability.state == ability::level::ok);
  }
}

BOOST_AUTO_TEST_SUITE_END()
