#include <boost/test/unit_test.hpp>

#include "tests/explorer/simulated_fixture.hpp"

using namespace provision;

BOOST_FIXTURE_TEST_SUITE(simulated_router_test, simulation)

BOOST_AUTO_TEST_CASE(answers_unknown_paths_in_plain_text) {
  for (auto path : {"/nowhere", "/api/v1", "/api/v1/nodes/", "/api/v1/nodesx",
                    "/api/v1/reservations/workloads/x"}) {
    auto got = send("GET", path);
    BOOST_CHECK_EQUAL(got.status, 404);
    BOOST_CHECK_EQUAL(got.body, "404 page not found\n");
    BOOST_CHECK_EQUAL(header(got, "Content-Type"), "text/plain; charset=utf-8");
  }
}

BOOST_AUTO_TEST_CASE(answers_other_methods_with_nothing) {
  auto got = send("GET", result_path("1-1"));
  BOOST_CHECK_EQUAL(got.status, 405);
  BOOST_CHECK(got.body.empty());
  BOOST_CHECK_EQUAL(send("PATCH", "/api/v1/users").status, 405);
  BOOST_CHECK_EQUAL(send("POST", poll_path("0")).status, 405);
  BOOST_CHECK_EQUAL(send("POST", poll_path("x")).status, 404);
}

BOOST_AUTO_TEST_CASE(redirects_unclean_paths) {
  auto target = [&](const std::string& path) {
    auto got = send("GET", path);
    return std::to_string(got.status) + " " + header(got, "Location");
  };
  BOOST_CHECK_EQUAL(target("/api//v1/users?name=x"),
                    "301 /api/v1/users?name=x");
  BOOST_CHECK_EQUAL(target("/api/v1/./users"), "301 /api/v1/users");
  BOOST_CHECK_EQUAL(target("/api/v1/nodes/../users"), "301 /api/v1/users");
}

BOOST_AUTO_TEST_CASE(decodes_paths_and_absolute_targets) {
  load_volume(1);
  BOOST_CHECK_EQUAL(
    send("GET", "/api/v1/reservations/nodes/workloads/1%2D1").status, 200);
  BOOST_CHECK_EQUAL(
    send("GET", "http://host:1/api/v1/reservations/nodes/workloads/1-1").status,
    200);
}

BOOST_AUTO_TEST_CASE(serves_the_older_paths_too) {
  load_volume(1);
  auto nodes = "/explorer/reservations/nodes/" + node_id + "/workloads";
  BOOST_CHECK_EQUAL(send("GET", nodes + "?from=0").status, 200);
  BOOST_CHECK_EQUAL(send("GET", "/explorer/reservations/workloads/1-1").status,
                    200);
  BOOST_CHECK_EQUAL(ask("PUT", nodes + "/1-1", result(1)), "201 null");
  BOOST_CHECK_EQUAL(ask("DELETE", nodes + "/1-1"), "200 null");
  BOOST_CHECK_EQUAL(send("GET", "/explorer/workloads/1").status, 200);
  BOOST_CHECK_EQUAL(send("GET", "/explorer/farms").status, 200);
  for (auto path : {"/explorer/workloads", "/explorer/reservations"})
    BOOST_CHECK_EQUAL(ask("POST", path, "{}"),
                      R"(400 {"error":"failed to parse request user id: )"
                      R"(strconv.ParseInt: parsing \"\": invalid syntax"})");
  BOOST_CHECK_EQUAL(
    send("POST", "/explorer/workloads/1/sign/delete", "{}").status, 500);
}

BOOST_AUTO_TEST_CASE(gives_people_an_overview) {
  load_volume(1);
  auto text = ask("GET", "/");
  BOOST_CHECK(text.starts_with(
    R"(200 {"program":"explorer-sim","workloads":1,"next_action":)"
    R"({"create":0,"sign":0,"pay":0,"deploy":1,)"));
}

BOOST_AUTO_TEST_CASE(never_lets_percent_signs_into_error_texts) {
  auto got = send("POST", "/api/v1/nodes/a%25sb/uptime", "{}", by_node());
  BOOST_CHECK_EQUAL(text_of(got), R"(404 {"error":"node 'a?sb' not found"})");
}

BOOST_AUTO_TEST_CASE(takes_callers_at_their_word_without_verification) {
  simulation trusting{{.verify_signatures = false}};
  trusting.add_customer();
  auto w = volume(0);
  w.next_action = documents::next_action::create;
  w.customer_signature = "00";
  BOOST_CHECK_EQUAL(
    trusting.ask("POST", "/api/v1/reservations/workloads", json::write(w)),
    R"(201 {"reservation_id":1})");
}

BOOST_AUTO_TEST_SUITE_END()
