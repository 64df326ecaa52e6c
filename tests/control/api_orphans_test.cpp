#include <boost/test/unit_test.hpp>

#include "actors/janitor.hpp"
#include "tests/control/api_under_test.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;
using namespace provision::testing;

namespace api_orphans_test {
namespace {

/// A node with one volume on its host that nobody wants.
struct fixture : api_under_test {
  fixture() {
    start();
    source_page end{.source = "test", .history_end = true};
    give(std::move(end));
    auto cleaner = keep(system.spawn(
      janitor,
      janitor_peers{.engine = engine,
                    .cache = cache,
                    .inventories = {{.type = reservation_types::volume,
                                     .list = [this] { return listed(); },
                                     .remove =
                                       [this](const held_object&) {
                                         is_there = false;
                                         return error{};
                                       }}},
                    .board = board,
                    .clock = clock},
      config::janitor_settings{}));
    api = keep(system.spawn(
      provision::api, node_actors{engine, cache, statser, feedback, cleaner},
      api_options{.node_id = key.node_id(), .clock = clock, .orphans = board}));
    caf::anon_send(cleaner, look_for_orphans{});
    run();
  }

  expected<std::vector<held_object>> listed() const {
    if (!is_there)
      return std::vector<held_object>{};
    return std::vector<held_object>{{.id = "3-1", .what = "a \"folder\""}};
  }

  int remove(const std::string& key, const std::string& body,
             api_role role = api_role::admin) {
    return request("POST", "/v1/orphans/" + key + "/remove", body, role)
      ->status;
  }

  bool is_there = true;
  std::shared_ptr<orphan_board> board = std::make_shared<orphan_board>();
};

} // namespace
} // namespace api_orphans_test

BOOST_FIXTURE_TEST_SUITE(api_orphans_test, fixture)

BOOST_AUTO_TEST_CASE(lists_what_nobody_wants) {
  const auto got = get("/v1/orphans", api_role::reader).body;
  says(got, R"("removes":false,"quarantine_seconds":86400,"removed":0)");
  says(got, R"({"key":"volume:3-1","type":"volume","id":"3-1",)"
            R"("what":"a \"folder\"","reservation":"unheard")");
  says(got, R"("used_by":"","may_go":false,"last_failure":null,)"
            R"("failures":0,"next_try":null)");
  says(get("/metrics").body, "provisiond_orphans{removal=\"manual\"} 1\n");
}

BOOST_AUTO_TEST_CASE(removes_one_on_an_admins_order_with_a_reason) {
  BOOST_CHECK_EQUAL(remove("volume:3-1", R"({"reason":"x"})", api_role::reader),
                    403);
  BOOST_CHECK_EQUAL(remove("volume:3-1", R"({"reason":""})"), 400);
  BOOST_CHECK_EQUAL(remove("volume:3-1", "{}"), 400);
  BOOST_CHECK_EQUAL(remove("volume:4-1", R"({"reason":"x"})"), 404);
  BOOST_CHECK(is_there);
  BOOST_CHECK_EQUAL(remove("volume:3-1", R"({"reason":"agreed"})"), 200);
  BOOST_CHECK(!is_there);
  says(get("/v1/orphans").body, R"("removed":1,"orphans":[])");
}

BOOST_AUTO_TEST_CASE(tells_when_one_that_could_not_be_removed_is_tried_again) {
  orphan_report report{.removes = true};
  report.orphans.push_back({.type = reservation_types::volume,
                            .object = {.id = "3-1"},
                            .why = {.is = fate::gone},
                            .last_failure = {errc::host_busy, "mounted"},
                            .failures = 2,
                            .next_try = from_unix(1'614'250'050)});
  board->write(report);
  says(get("/v1/orphans").body,
       R"("failures":2,"next_try":"2021-02-25T10:47:30Z"})");
  // By nobody.
  report.removes = false;
  board->write(report);
  says(get("/v1/orphans").body, R"("failures":2,"next_try":null})");
}

BOOST_AUTO_TEST_SUITE_END()
