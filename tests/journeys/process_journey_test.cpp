#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <fstream>
#include <set>

#include "messages/json/json.hpp"
#include "messages/reservation.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace process_journey_test {
namespace {

struct town : process_town {
  bool ends_as(std::int64_t id, result_state state) const {
    return eventually([&] {
      return is_told("result " + gwid(id))
             && explorer->find(id).result.state == state;
    });
  }

  bool is_gone(std::int64_t id) const {
    return eventually([&] { return is_told("deleted " + gwid(id)); });
  }

  std::string message_of(std::int64_t id) const {
    return explorer->find(id).result.message;
  }

  std::vector<documents::workload> volumes(std::int64_t count) const {
    std::vector<documents::workload> all;
    for (std::int64_t id = 1; id <= count; ++id) {
      all.push_back(explorer->volume());
      all.back().id = id;
    }
    return all;
  }

  /// How many results the explorer has accepted, each workload once.
  std::size_t results() const {
    std::set<std::string> ids;
    for (auto& what : explorer->accepted())
      if (what.starts_with("result "))
        ids.insert(what);
    return ids.size();
  }
};

} // namespace
} // namespace process_journey_test

BOOST_FIXTURE_TEST_SUITE(process_journey_test, town)

BOOST_AUTO_TEST_CASE(a_volume_is_made_cancelled_and_gone) {
  start();
  auto id = explorer->create(explorer->volume());
  BOOST_REQUIRE(ends_as(id, result_state::ok));
  BOOST_CHECK(std::filesystem::is_directory(folder(id)));
  explorer->cancel(id);
  BOOST_REQUIRE(is_gone(id));
  BOOST_CHECK(!std::filesystem::exists(folder(id)));
  stop();
}

BOOST_AUTO_TEST_CASE(a_volume_that_cannot_be_made_fails_with_its_reason) {
  // Something of the operator's is where it would go.
  std::filesystem::create_directories(node.data_dir() + "/volumes");
  std::ofstream{folder(1)} << "mine";
  start();
  for (int i = 0; i < 2; ++i)
    explorer->create(explorer->volume());
  // The explorer keeps the message and marks what failed as deleted.
  BOOST_REQUIRE(is_gone(1));
  BOOST_REQUIRE(ends_as(2, result_state::ok));
  BOOST_CHECK(message_of(1).find(folder(1)) != std::string::npos);
  BOOST_CHECK(std::filesystem::is_regular_file(folder(1)));
}

BOOST_AUTO_TEST_CASE(a_pool_holds_volumes_of_its_disks_kind_alone) {
  conf
    = node.write("node.conf", "[node]\ndata_dir = \"" + node.data_dir()
                                + "\"\n[explorer]\nurl = \"" + explorer->url()
                                + "\"\npoll_interval = \"10ms\"\n"
                                  "[volumes]\ntechnique = \"directory\"\n"
                                  "disk = \"hdd\"\n");
  start();
  auto turning = explorer->volume();
  std::get<documents::volume>(turning.content).type = 0;
  auto mine = explorer->create(turning);
  auto other = explorer->create(explorer->volume());
  BOOST_REQUIRE(ends_as(mine, result_state::ok));
  BOOST_REQUIRE(is_gone(other));
  BOOST_CHECK(message_of(other).find("this node lends out no solid-state disk")
              != std::string::npos);
  auto lent = run_program(PROVISIONCTL,
                          {"--data-dir", node.data_dir(), "--json", "capacity"})
                .out;
  BOOST_CHECK(lent.find("\"hru\":1073741824,\"sru\":0}") != std::string::npos);
  auto probed = run({"probe", "--config", conf}).out;
  BOOST_CHECK(probed.find("on hdd: by volumes.disk") != std::string::npos);
  stop();
}

BOOST_AUTO_TEST_CASE(what_the_node_does_not_offer_is_rejected) {
  start();
  auto other = explorer->create(explorer->golden("zdb"));
  auto mine = explorer->create(explorer->volume());
  BOOST_REQUIRE(is_gone(other));
  BOOST_CHECK(message_of(other).find("does not offer") != std::string::npos);
  BOOST_CHECK(message_of(other).find("zdb.listen is not set")
              != std::string::npos);
  BOOST_REQUIRE(ends_as(mine, result_state::ok));
}

BOOST_AUTO_TEST_CASE(what_is_over_is_taken_down) {
  auto known = explorer->volume();
  known.id = 900;
  known.next_action = documents::next_action::deleted;
  explorer->load({known});
  reservation brief;
  brief.id = "900-1";
  brief.node_id = explorer->node_id();
  brief.user_id = "7";
  brief.type = reservation_types::volume;
  brief.data = R"({"size":1,"type":"ssd"})";
  brief.created = system_clock{}.now();
  brief.duration = 3s;
  brief.version = 2;
  auto replay = node.write("day.jsonl", *json::write(brief) + "\n");
  conf = node.configure(explorer->url(),
                        "[replay]\nsignatures = \"off\"\nfile = \"" + replay
                          + "\"\n");
  start();
  BOOST_REQUIRE(eventually([&] { return is_told("result 900-1"); }));
  BOOST_REQUIRE(is_gone(900));
  BOOST_CHECK(system_clock{}.now() >= brief.expires_at());
  BOOST_CHECK(!std::filesystem::exists(folder(900)));
}

BOOST_AUTO_TEST_CASE(what_comes_twice_and_again_is_made_once) {
  simulated::fault_plan twice;
  twice.duplicate = 1;
  explorer->set_faults(twice);
  explorer->load(volumes(20));
  start();
  BOOST_REQUIRE(eventually([&] { return results() == 20; }));
  stop();
  // An explorer that forgot the results shows everything again.
  explorer->forget();
  explorer->load(volumes(20));
  auto before = explorer->reports().size();
  start();
  auto id = explorer->create(explorer->volume());
  BOOST_REQUIRE(ends_as(id, result_state::ok));
  for (auto& what : explorer->reports())
    BOOST_CHECK_EQUAL(explorer->bodies(what.id).size(), 1u);
  BOOST_CHECK_GT(explorer->reports().size(), before);
}

BOOST_AUTO_TEST_CASE(a_reference_takes_over_what_runs) {
  auto first = explorer->volume();
  first.id = 1;
  explorer->load({first});
  start();
  BOOST_REQUIRE(ends_as(1, result_state::ok));
  std::ofstream{folder(1) + "/file"} << "kept";
  auto second = first;
  second.id = 2;
  second.reference = "1-1";
  explorer->load({second});
  BOOST_REQUIRE(eventually([&] { return is_told("result 2-1"); }));
  BOOST_CHECK_EQUAL(explorer->find(2).result.data_json,
                    explorer->find(1).result.data_json);
  node.signal(SIGKILL);
  node.wait();
  start();
  BOOST_CHECK(std::filesystem::exists(folder(1) + "/file"));
  explorer->cancel(2);
  BOOST_REQUIRE(is_gone(2));
  BOOST_CHECK(!std::filesystem::exists(folder(1)));
}

BOOST_AUTO_TEST_CASE(one_broken_document_fails_only_itself) {
  explorer->load(volumes(5));
  explorer->after
    = [](const http_server_request& request, http_server_response& answered) {
        if (request.target.find("?from=") == std::string::npos)
          return;
        auto third = answered.body.find("\"id\":3,");
        auto size = answered.body.find("\"size\":1,", third);
        if (third != std::string::npos && size != std::string::npos)
          answered.body.replace(size, 9, "\"size\":[],");
      };
  start();
  BOOST_REQUIRE(eventually([&] { return results() == 5; }));
  for (std::int64_t id = 1; id <= 5; ++id)
    BOOST_CHECK_EQUAL(runs(id), id != 3);
  BOOST_CHECK(message_of(3).find("size") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(
  an_explorer_that_was_away_the_whole_time_hears_everything) {
  explorer->load(volumes(30));
  start();
  BOOST_REQUIRE(eventually([&] { return results() == 30; }));
  for (std::int64_t id = 1; id <= 5; ++id)
    explorer->cancel(id);
  explorer->go_down();
  node.signal(SIGKILL);
  node.wait();
  start();
  stop();
  explorer->come_back();
  start();
  for (std::int64_t id = 1; id <= 5; ++id)
    BOOST_CHECK(is_gone(id));
  for (std::int64_t id = 6; id <= 30; ++id)
    BOOST_CHECK(std::filesystem::exists(folder(id)));
}

BOOST_AUTO_TEST_CASE(
  ten_thousand_come_in_pages_of_two_hundred_and_survive_a_stop) {
  constexpr std::int64_t count = 10'000;
  explorer->load(volumes(count));
  start();
  BOOST_REQUIRE(eventually([&] { return results() > count / 10; }, 60s));
  stop();
  auto before = results();
  BOOST_CHECK_LT(before, static_cast<std::size_t>(count));
  start();
  BOOST_REQUIRE(eventually([&] { return results() == count; }, 120s));
  BOOST_CHECK_GE(explorer->polls(), static_cast<std::size_t>(count / 200));
  for (std::int64_t id = 1; id <= count; id += 97) {
    BOOST_CHECK_EQUAL(explorer->bodies(gwid(id)).size(), 1u);
    BOOST_CHECK(std::filesystem::exists(folder(id)));
  }
}

BOOST_AUTO_TEST_SUITE_END()
