#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <filesystem>
#include <string>

#include "backends/host/network_names.hpp"
#include "tests/backends/public_host.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/journeys/workers.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace {

/// A daemon on a bridge of its operator's, which an explorer sends addresses.
struct public_town : public_bridge_host, process_town {
  explicit public_town(const std::string& more = {})
    : public_bridge_host{"town-" + std::to_string(::getpid())},
      process_town{"[networks]\nunderlay = \"" + space()
                   + "\"\n[public]\nbridge = \"pub0\"\ngateway = "
                     "\"192.0.2.1\"\n"
                   + more},
      clean_ruleset{ruleset()},
      clean_links{links()}, before{{explorer->node_id()}} {}

  void order(const std::string& range, std::int64_t id) const {
    auto wanted = explorer->golden("public_ip");
    wanted.id = id;
    std::get<documents::public_ip>(wanted.content).ipaddress
      = public_range(range);
    wanted.next_action = documents::next_action::deploy;
    explorer->load({wanted});
  }

  bool is_told_in_time(const std::string& what) const {
    return eventually([&] { return is_told(what); });
  }

  /// With the numbers by which the kernel knows each rule: they change when it
  /// is loaded anew.
  std::string numbered_ruleset() const {
    return inside(space(), tools.nft, {"--handle", "list", "ruleset"});
  }

  std::string record(std::int64_t id) const {
    return node.data_dir() + "/public/" + gwid(id) + ".address";
  }

  void kill() {
    node.signal(SIGKILL);
    BOOST_REQUIRE(node.wait());
  }

  std::string clean_ruleset;
  std::string clean_links;
  host_traces before;
};

struct isolated_public_town : public_town {
  isolated_public_town() : public_town{isolating({"public_ip"})} {}
};

constexpr auto guard = "ip saddr 192.0.2.10 accept";

} // namespace

BOOST_FIXTURE_TEST_SUITE(
  public_ip_journey_test, public_town,
  *boost::unit_test::precondition(public_ips_are_possible))

BOOST_AUTO_TEST_CASE(an_address_is_guarded_across_restarts_and_leaves_nothing) {
  start();
  order("192.0.2.10/24", 105);
  BOOST_REQUIRE_MESSAGE(is_told_in_time("result 105-1"), node.log());
  BOOST_CHECK(explorer->find(105).result.state == result_state::ok);
  BOOST_CHECK_EQUAL(explorer->find(105).result.data_json,
                    R"({"id":"105-1","ip":"192.0.2.10"})");
  says(ruleset(), guard);
  BOOST_CHECK(std::filesystem::exists(record(105)));
  const auto loaded = numbered_ruleset();
  kill();
  // Nobody watches it, and it stays; the next daemon takes it as it is.
  BOOST_CHECK_EQUAL(numbered_ruleset(), loaded);
  start();
  order("192.0.2.11/24", 106);
  BOOST_REQUIRE_MESSAGE(is_told_in_time("result 106-1"), node.log());
  says(ruleset(), guard);
  says(ruleset(), "ip saddr 192.0.2.11 accept");
  BOOST_CHECK_EQUAL(explorer->bodies("105-1").size(), 1U);
  explorer->cancel(106);
  BOOST_REQUIRE_MESSAGE(is_told_in_time("deleted 106-1"), node.log());
  says(ruleset(), guard);
  kill();
  // As if the host had been switched off.
  inside(space(), tools.nft, {"flush", "ruleset"});
  start();
  BOOST_CHECK_MESSAGE(
    eventually([&] { return ruleset().find(guard) != std::string::npos; }),
    node.log());
  explorer->cancel(105);
  BOOST_REQUIRE_MESSAGE(is_told_in_time("deleted 105-1"), node.log());
  BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
  BOOST_CHECK_EQUAL(links(), clean_links);
  BOOST_CHECK(std::filesystem::is_empty(node.data_dir() + "/public"));
  stop();
  BOOST_CHECK_EQUAL(host_traces{{explorer->node_id()}}.beyond(before), "");
}

BOOST_AUTO_TEST_CASE(an_address_that_somebody_else_answers_for_is_refused) {
  ip({"-n", outside(), "address", "add", "192.0.2.10/24", "dev", "wire"});
  start();
  order("192.0.2.10/24", 105);
  // The explorer keeps the message and marks what failed as deleted.
  BOOST_REQUIRE_MESSAGE(is_told_in_time("deleted 105-1"), node.log());
  says(explorer->find(105).result.message, "192.0.2.10");
  BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
  BOOST_CHECK(!std::filesystem::exists(record(105)));
  stop();
}

BOOST_FIXTURE_TEST_CASE(a_killed_worker_fails_one_address_and_unguards_none,
                        isolated_public_town) {
  start();
  order("192.0.2.10/24", 105);
  BOOST_REQUIRE_MESSAGE(is_told_in_time("result 105-1"), node.log());
  kill_at_work(node, "public_ip", "106-1",
               [&] { order("192.0.2.11/24", 106); });
  BOOST_REQUIRE_MESSAGE(is_told_in_time("result 106-1"), node.log());
  says(explorer->find(106).result.message,
       "worker for public_ip was killed by signal 9");
  says(ruleset(), guard);
  order("192.0.2.12/24", 107);
  BOOST_REQUIRE_MESSAGE(is_told_in_time("result 107-1"), node.log());
  says(ruleset(), guard);
  says(ruleset(), "ip saddr 192.0.2.12 accept");
  // The daemon puts right what somebody has meddled with.
  inside(space(), tools.nft, {"flush", "ruleset"});
  BOOST_CHECK_MESSAGE(
    eventually([&] { return ruleset().find(guard) != std::string::npos; }),
    node.log());
  for (const auto id : {105, 107}) {
    explorer->cancel(id);
    BOOST_REQUIRE_MESSAGE(is_told_in_time("deleted " + gwid(id)), node.log());
  }
  BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
  BOOST_CHECK(std::filesystem::is_empty(node.data_dir() + "/public"));
  stop();
}

BOOST_AUTO_TEST_SUITE_END()
