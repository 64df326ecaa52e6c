#include "control/api.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

#include "tests/control/api_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace api_orders_test {
namespace {

struct fixture : api_under_test {
  int order(const std::string& target, api_role role = api_role::admin) {
    return request("POST", target, "{}", role)->status;
  }

  bool says(const std::string& target, std::string_view part) {
    auto text = get(target).body;
    bool found = text.find(part) != std::string::npos;
    BOOST_CHECK_MESSAGE(found, "'" << part << "' is missing in: " << text);
    return found;
  }

  bool runs(const std::string& id) {
    auto row = find(id);
    return row && row->state == record_state::provisioned;
  }

  void give_garbage() {
    source_page page{.source = "test"};
    page.documents.push_back(own_text("{garbage", text_form::reservation));
    give(std::move(page));
  }

  std::string garbage_key() {
    auto rows = store().quarantine({}, 10);
    BOOST_REQUIRE(rows);
    BOOST_REQUIRE_EQUAL(rows->size(), 1U);
    return rows->front().key;
  }
};

} // namespace
} // namespace api_orders_test

BOOST_FIXTURE_TEST_SUITE(api_orders_test, fixture)

BOOST_AUTO_TEST_CASE(every_order_is_for_admins_only) {
  open();
  std::size_t orders = 0;
  for (auto& route : api_routes()) {
    if (route.method != "POST")
      continue;
    std::string target{route.path};
    if (auto at = target.find("{id}"); at != std::string::npos)
      target.replace(at, 4, "volume");
    BOOST_CHECK_MESSAGE(order(target, api_role::reader) == 403, target);
    ++orders;
  }
  BOOST_CHECK_EQUAL(orders, 16U);
  // None of them had an effect.
  auto now = status();
  BOOST_CHECK(!now.intake_held && !now.cordoned && !now.types.at(0).cordoned);
}

BOOST_AUTO_TEST_CASE(a_pause_holds_what_is_new_until_it_is_over) {
  open();
  BOOST_CHECK_EQUAL(order("/v1/intake/pause"), 200);
  BOOST_CHECK_EQUAL(get("/readyz").status, 503);
  says("/readyz?verbose", "[-] intake: paused by an operator\n");
  says("/v1/status", "\"health\":\"paused\"");
  says("/v1/status", "\"code\":\"intake_held\"");
  // One page was asked for before the pause.
  give({a_volume("100-1")});
  give({a_volume("100-2")});
  BOOST_CHECK(!runs("100-2"));
  BOOST_CHECK_EQUAL(order("/v1/intake/resume"), 200);
  BOOST_CHECK(runs("100-2"));
  BOOST_CHECK_EQUAL(get("/readyz").status, 200);
}

BOOST_AUTO_TEST_CASE(a_cordoned_type_lets_its_new_workloads_wait) {
  open();
  auto got = request("POST", "/v1/types/volume/cordon");
  BOOST_CHECK_EQUAL(got->body,
                    "{\"order\":\"cordon\",\"subject\":\"volume\"}\n");
  give({a_volume("100-1")});
  BOOST_CHECK(!runs("100-1"));
  says("/v1/waiting", "\"count\":1");
  says("/v1/waiting",
       R"({"id":"100-1","type":"volume","removing":false,"cause":"type")");
  says("/v1/types", "\"cordoned\":true,\"waiting\":1");
  says("/v1/status", "volume is cordoned by an operator");
  // It goes on taking reservations, so it is ready.
  BOOST_CHECK_EQUAL(get("/readyz").status, 200);
  says("/readyz?verbose", "[-] types: volume cordoned; what needs them waits");
  BOOST_CHECK_EQUAL(order("/v1/types/volume/uncordon"), 200);
  BOOST_CHECK(runs("100-1"));
  BOOST_CHECK_EQUAL(order("/v1/types/rocket/cordon"), 404);
}

BOOST_AUTO_TEST_CASE(a_cordoned_node_still_takes_down) {
  open();
  give({a_volume("100-1")});
  BOOST_CHECK_EQUAL(order("/v1/cordon"), 200);
  says("/v1/status", "an operator has cordoned the node");
  give({a_volume("100-2")});
  BOOST_CHECK(!runs("100-2"));
  BOOST_CHECK_EQUAL(request("POST", "/v1/reservations/100-1/cancel",
                            R"({"reason":"its disk is dying"})")
                      ->status,
                    200);
  BOOST_CHECK(!find("100-1"));
  BOOST_CHECK_EQUAL(order("/v1/uncordon"), 200);
  BOOST_CHECK(runs("100-2"));
}

BOOST_AUTO_TEST_CASE(a_retry_ends_the_pause_of_one_that_waits) {
  bool is_busy = true;
  on_provision = [&](const reservation&) -> expected<std::string> {
    if (is_busy)
      return fail(errc::host_busy, "the pool is busy");
    return "{}";
  };
  open();
  give({a_volume("100-1")});
  says("/v1/waiting", "\"cause\":\"pause\"");
  is_busy = false;
  BOOST_CHECK_EQUAL(order("/v1/reservations/100-1/retry"), 200);
  BOOST_CHECK(runs("100-1"));
  BOOST_CHECK_EQUAL(order("/v1/reservations/100-1/retry"), 404);
}

BOOST_AUTO_TEST_CASE(what_was_set_aside_is_tried_again_or_forgotten) {
  open();
  give_garbage();
  auto target = "/v1/quarantine/" + garbage_key();
  BOOST_CHECK_EQUAL(order(target + "/retry"), 200);
  // Nobody can read it, so it stays.
  BOOST_CHECK(!garbage_key().empty());
  BOOST_CHECK_EQUAL(order(target + "/drop"), 200);
  BOOST_CHECK((*store().quarantine({}, 10)).empty());
  BOOST_CHECK_EQUAL(order(target + "/drop"), 404);
  BOOST_CHECK_EQUAL(order(target + "/retry"), 404);
}

BOOST_AUTO_TEST_CASE(held_deletions_go_on_once_they_are_confirmed) {
  settings.deletions_max = 1;
  open();
  give({a_volume("100-1"), a_volume("100-2")});
  source_page page{.source = "test"};
  for (auto* id : {"100-1", "100-2"})
    page.removals.push_back({id, removal_cause::ordered, "to be deleted"});
  give(std::move(page));
  BOOST_CHECK(!find("100-1"));
  BOOST_REQUIRE(find("100-2"));
  says("/v1/status", "\"deletions_held\":1");
  says("/v1/waiting", "\"removing\":true,\"cause\":\"confirmation\"");
  BOOST_CHECK_EQUAL(order("/v1/confirm/deletions"), 200);
  BOOST_CHECK(!find("100-2"));
  says("/v1/status", "\"deletions_held\":0");
}

BOOST_AUTO_TEST_CASE(a_doubted_clock_is_believed_once_it_is_confirmed) {
  guard = std::make_shared<clock_guard>(
    config::clock_settings{.jump_max = 1min, .settling_time = 1h});
  open();
  auto what = a_volume("100-1");
  what.created = clock->now();
  what.duration = 2h;
  give({what});
  BOOST_REQUIRE(runs("100-1"));
  advance(1min);
  clock->advance(24h);
  advance(5min, 1s);
  BOOST_REQUIRE(find("100-1"));
  says("/v1/status", "\"code\":\"clock_distrusted\"");
  says("/readyz?verbose", "[-] clock: not trusted, nothing expires: ");
  BOOST_CHECK_EQUAL(order("/v1/confirm/clock"), 200);
  advance(1min, 1s);
  BOOST_CHECK(!find("100-1"));
  says("/v1/status", "\"clock_distrust\":null");
}

BOOST_AUTO_TEST_SUITE_END()
