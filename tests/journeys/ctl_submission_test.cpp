// Reservations that an operator brings, with the real programs.
#include <boost/test/unit_test.hpp>

#include "tests/journeys/household.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

BOOST_FIXTURE_TEST_SUITE(ctl_submission_test, household)

BOOST_AUTO_TEST_CASE(a_plan_tells_what_would_happen_and_does_nothing) {
  start();
  give(volume("100-1"), "100-1");
  auto rocket = testing::a_volume("103-1");
  rocket.type = reservation_type{"rocket"};
  auto over = testing::a_volume("104-1");
  over.duration = std::chrono::seconds{1};
  auto removal = testing::a_volume("100-1");
  removal.to_delete = true;
  auto stranger = testing::a_volume("105-1");
  stranger.node_id = "3NAkUYqm5iPRmNAnmLfjwdreqDssvsebj4uPUt9BxFPm";
  auto file = node.write("plan.jsonl",
                         too_large("102-1") + volume("101-1") + line(rocket)
                           + line(over) + line(removal) + *json::write(stranger)
                           + "\n{\"id\":7}\n" + volume("101-1"));
  auto made = ends(1, {"plan", file}).out;
  says(made, "100-1  volume  removed");
  says(made, "101-1  volume  accepted");
  says(made, "101-1  volume  known     it comes twice");
  says(made, "102-1  volume  refused   not enough capacity: SRU short by");
  says(made, "103-1  rocket  refused   this node does not offer rocket");
  says(made, "104-1  volume  refused");
  says(made, "105-1  volume  refused");
  says(made, "free then:");
  // Removals make room before what comes later in the order of work.
  BOOST_CHECK_LT(made.find("100-1"), made.find("101-1"));
  BOOST_CHECK_EQUAL(ends(0, {"list", "-o", "name"}).out, "100-1\n");
  ends(0, {"cordon", "volume"});
  auto held = ends(0, {"plan", node.write("one.json", volume("101-1"))}).out;
  says(held, "waits    volume is cordoned");
  auto as_json = ends(
    0, {"--json", "plan", node.write("one.json", "[" + volume("100-1") + "]")});
  says(as_json.out, "\"outcome\":\"known\"");
  ends(1, {"plan", node.write("none.json", " \n")});
  says(ends(1, {"plan", node.write("bad.json", volume("1-1") + "{bad\n")}).err,
       "line 2");
  ends(1, {"plan", "/no/such/file"});
}

BOOST_AUTO_TEST_CASE(what_is_submitted_runs_like_all_else) {
  start();
  auto told
    = ends(0, {"submit",
               node.write("two.jsonl", volume("100-1") + too_large("101-1"))});
  BOOST_CHECK_EQUAL(told.out, "100-1\n101-1\n");
  ends(0, {"wait", "100-1", "--for=provisioned", "--timeout", "20s"});
  ends(0, {"wait", "101", "--for=rejected", "--timeout", "20s"});
  says(ends(0, {"show", "100-1"}).out, "operator");
  // What cannot come any more is not waited for.
  ends(1, {"wait", "101-1", "--for=provisioned"});
  ends(7, {"wait", "100-1", "--for=gone", "--timeout", "300ms"});
  ends(3, {"wait", "900-1", "--for=gone", "--timeout", "300ms"});
  ends(2, {"wait", "100-1", "--for=happiness"});
  ends(2, {"wait", "100-1", "--for=gone", "--timeout", "soon"});
  says(ends(1, {"submit", node.data_dir()}).err, "Is a directory");
  // One that cannot be read: none is taken.
  ends(1,
       {"submit", node.write("bad.jsonl", volume("103-1") + "{\"id\":7}\n")});
  ends(3, {"show", "103-1"});
  says(ends(0, {"--json", "wait", "100-1", "--for=settled"}).out,
       "{\"id\":\"100-1\",\"state\":\"provisioned\",\"reached\":true}");
}

BOOST_AUTO_TEST_CASE(what_is_submitted_without_a_signature_reaches_nobody) {
  start("http://127.0.0.1:1", "enforce");
  ends(0, {"submit", node.write("one.json", volume("100-1"))});
  ends(0, {"wait", "100-1", "--for=quarantined", "--timeout", "20s"});
  says(ends(0, {"explain", "100-1"}).out, "quarantined_unknown_user");
}

BOOST_AUTO_TEST_CASE(a_drain_ends_when_nothing_is_pending) {
  start();
  give(volume("100-1"), "100-1");
  says(ends(0, {"drain", "--timeout", "20s"}).out, "drained");
  says(ends(0, {"status"}).out, "an operator has paused intake");
  auto one = node.write("one.json", volume("101-1"));
  says(ends(1, {"submit", one}).err, "intake is paused");
  ends(0, {"drain", "--cancel"});
  ends(0, {"submit", one});
  ends(0, {"wait", "101-1", "--for=provisioned", "--timeout", "20s"});
  // What waits for an order is pending.
  ends(0, {"cordon", "volume"});
  ends(0, {"submit", node.write("one.json", volume("102-1"))});
  BOOST_REQUIRE(eventually([&] { return ctl({"show", "102-1"}).code == 0; }));
  auto late = ends(7, {"drain", "--timeout", "400ms"});
  says(late.err, "1 wait");
  ends(0, {"uncordon", "volume"});
  says(ends(0, {"--json", "drain", "--timeout", "20s"}).out,
       "{\"drained\":true,\"queue\":0");
  ends(0, {"show", "102-1"});
}

BOOST_AUTO_TEST_SUITE_END()
