#include <boost/test/unit_test.hpp>

#include "messages/json/json.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

namespace engine_operator_test {
namespace {

struct fixture : node_under_test {
  /// A document that nobody can read, beside one that can be.
  void give_garbage() {
    source_page page;
    page.source = "test";
    page.documents
      = {own_text("{garbage", text_form::reservation),
         own_text(*json::write(a_volume("9-1")), text_form::reservation)};
    give(std::move(page));
  }

  std::vector<quarantined> rows() {
    return ask<quarantine_list>(engine, list_quarantine{})->rows;
  }

  error order(auto request) {
    auto answer = ask<done>(engine, std::move(request));
    return answer ? error{} : answer.error();
  }

  bool runs(const std::string& id) {
    auto row = find(id);
    return row && row->state == record_state::provisioned;
  }

  /// A reservation that was in flight at three deaths of the daemon.
  void poison(const std::string& id) {
    record row;
    row.id = id;
    row.sequence = 1;
    row.state = record_state::applying;
    row.type = reservation_types::volume;
    row.user_id = "7";
    row.version = 2;
    row.deaths = 3;
    row.source = "test";
    row.received = own_text(*json::write(a_volume(id)), text_form::reservation);
    transition_batch batch;
    batch.puts.push_back({std::make_shared<record>(row), true});
    BOOST_REQUIRE(!store().apply(batch, durability::machine));
  }
};

} // namespace
} // namespace engine_operator_test

BOOST_FIXTURE_TEST_SUITE(engine_operator_test, fixture)

// -- quarantine ---------------------------------------------------------------

BOOST_AUTO_TEST_CASE(lists_what_was_set_aside_with_its_reason) {
  start();
  give_garbage();
  BOOST_TEST(runs("9-1"));
  auto seen = rows();
  BOOST_REQUIRE(seen.size() == 1);
  BOOST_TEST(seen[0].received.text == "{garbage");
  BOOST_TEST(seen[0].source == "test");
  BOOST_TEST((seen[0].reason.code == errc::malformed_input));
}

BOOST_AUTO_TEST_CASE(drops_a_row_for_good) {
  start();
  give_garbage();
  BOOST_TEST(!order(drop_quarantined{rows().at(0).key}));
  BOOST_TEST(rows().empty());
  BOOST_TEST(
    (order(drop_quarantined{"no-such"}).code == errc::no_such_reservation));
}

BOOST_AUTO_TEST_CASE(keeps_the_row_of_what_is_refused_again) {
  start();
  give_garbage();
  BOOST_TEST(!order(retry_quarantined{rows().at(0).key}));
  BOOST_TEST(rows().size() == 1);
  BOOST_TEST(
    (order(retry_quarantined{"no-such"}).code == errc::no_such_reservation));
}

BOOST_AUTO_TEST_CASE(tries_again_what_was_poisonous) {
  poison("1-1");
  start();
  BOOST_TEST((find("1-1")->state == record_state::failed));
  BOOST_TEST(calls.empty());
  BOOST_TEST(!order(retry_quarantined{rows().at(0).key}));
  BOOST_TEST(runs("1-1"));
  BOOST_TEST(rows().empty());
  BOOST_TEST(explorer->heard()
               == (texts{"result 1-1", "deleted 1-1", "result 1-1"}),
             boost::test_tools::per_element());
  // Delivered once more by its source, it is known.
  give({a_volume("1-1")});
  BOOST_TEST(calls.size() == 1);
}

BOOST_AUTO_TEST_CASE(keeps_the_row_until_the_retry_is_durable) {
  poison("1-1");
  start();
  before_apply = [] { return error{errc::disk_full, "full"}; };
  BOOST_TEST(!order(retry_quarantined{rows().at(0).key}));
  BOOST_TEST((*store().quarantine({}, 10)).size() == 1);
  before_apply = {};
  advance(5s);
  BOOST_TEST(runs("1-1"));
  BOOST_TEST((*store().quarantine({}, 10)).empty());
}

BOOST_AUTO_TEST_CASE(verifies_a_retried_document_as_its_source_demands) {
  signatures = config::signature_policy::enforce;
  start();
  give({a_volume("1-1")});
  BOOST_REQUIRE(rows().size() == 1);
  BOOST_TEST(!order(retry_quarantined{rows().at(0).key}));
  BOOST_TEST(calls.empty());
  BOOST_TEST(rows().size() == 1);
}

// -- intake and cordons -------------------------------------------------------

BOOST_AUTO_TEST_CASE(takes_nothing_in_while_the_operator_holds_intake) {
  start();
  BOOST_TEST(!order(pause_intake{}));
  // The page that was asked for already is still taken.
  give({a_volume("1-1")});
  give({a_volume("2-1")});
  BOOST_TEST(!find("2-1"));
  BOOST_TEST(status().intake_held);
  BOOST_TEST(!order(resume_intake{}));
  run();
  BOOST_TEST(runs("2-1"));
}

BOOST_AUTO_TEST_CASE(lets_new_work_of_a_cordoned_type_wait_and_removals_go) {
  start();
  give({a_volume("1-1")});
  BOOST_TEST(!order(cordon_type{reservation_types::volume}));
  auto gone = a_volume("1-1");
  gone.to_delete = true;
  auto other = a_volume("3-1");
  other.type = reservation_types::zdb;
  other.data = R"({"size":5,"mode":"user","password":"","disk_type":"hdd",)"
               R"("public":true})";
  give({a_volume("2-1"), other, gone});
  BOOST_TEST(!find("1-1"));
  BOOST_TEST(runs("3-1"));
  BOOST_TEST((find("2-1")->state == record_state::accepted));
  BOOST_TEST(status().waiting_first.at(0).reason == "volume is cordoned");
  BOOST_TEST(!order(uncordon_type{reservation_types::volume}));
  run();
  BOOST_TEST(runs("2-1"));
}

BOOST_AUTO_TEST_CASE(takes_in_a_page_that_speaks_twice_of_what_waits) {
  start();
  BOOST_TEST(!order(cordon_type{reservation_types::volume}));
  give({a_volume("1-1"), a_volume("1-1"), a_volume("2-1")});
  give({a_volume("3-1")});
  BOOST_TEST(status().waiting == 3U);
}

BOOST_AUTO_TEST_CASE(keeps_cordons_over_restarts) {
  start();
  BOOST_TEST(!order(cordon_type{}));
  give({a_volume("1-1")});
  restart();
  BOOST_TEST(status().cordoned);
  BOOST_TEST(!runs("1-1"));
  BOOST_TEST(!order(uncordon_type{}));
  run();
  BOOST_TEST(runs("1-1"));
  restart();
  BOOST_TEST(!status().cordoned);
}

BOOST_AUTO_TEST_CASE(refuses_to_cordon_a_type_that_it_does_not_offer) {
  start();
  BOOST_TEST((order(cordon_type{reservation_types::proxy}).code
              == errc::no_such_reservation));
}

BOOST_AUTO_TEST_CASE(ends_the_pause_of_a_reservation_that_waits) {
  settings.retry_delay = 5min;
  int tries = 0;
  on_provision = [&](const reservation&) -> expected<std::string> {
    if (++tries == 1)
      return fail(errc::host_busy, "busy");
    return "null";
  };
  start();
  give({a_volume("1-1")});
  BOOST_TEST(!runs("1-1"));
  BOOST_TEST(!order(retry_reservation{"1-1"}));
  run();
  BOOST_TEST(runs("1-1"));
  BOOST_TEST(
    (order(retry_reservation{"1-1"}).code == errc::no_such_reservation));
}

BOOST_AUTO_TEST_SUITE_END()
