#include "control/api.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/control/api_under_test.hpp"

using namespace provision;
using namespace provision::testing;

namespace api_test {
namespace {

bool says(const std::string& text, std::string_view part) {
  bool found = text.find(part) != std::string::npos;
  BOOST_CHECK_MESSAGE(found, "'" << part << "' is missing in: " << text);
  return found;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size()))
    ++n;
  return n;
}

} // namespace
} // namespace api_test

BOOST_FIXTURE_TEST_SUITE(api_test, api_under_test)

BOOST_AUTO_TEST_CASE(tells_how_the_node_is) {
  open();
  give({a_volume("100-1")});
  auto got = get("/v1/status");
  BOOST_CHECK_EQUAL(got.status, 200);
  says(got.body, "\"health\":\"ok\"");
  says(got.body, "\"node_id\":\"" + key.node_id() + "\"");
  says(got.body, "\"provisioned\":1");
  says(got.body, "\"workloads\":{\"volume\":1}");
  says(got.body, "\"problems\":[]");
}

BOOST_AUTO_TEST_CASE(lists_page_by_page_until_the_end) {
  open();
  std::vector<reservation> page;
  for (int i = 1; i <= 5; ++i)
    page.push_back(a_volume("100-" + std::to_string(i)));
  give(page);
  auto first = get("/v1/reservations?limit=2");
  BOOST_CHECK_EQUAL(count(first.body, "\"state\":\"provisioned\""), 2U);
  says(first.body, "\"next\":\"100-2\"");
  auto last = get("/v1/reservations?limit=2&after=100-4");
  says(last.body, "\"id\":\"100-5\"");
  says(last.body, "\"next\":\"\"");
}

BOOST_AUTO_TEST_CASE(lists_what_fits_the_filters_only) {
  on_provision = [](const reservation& r) -> expected<std::string> {
    if (r.id == "200-1")
      return fail(errc::provision_failed, "no such disk");
    return "{}";
  };
  open();
  auto other = a_volume("300-1");
  other.user_id = "8";
  give({a_volume("100-1"), a_volume("200-1"), other});
  auto failed = get("/v1/reservations?state=failed");
  says(failed.body, "\"id\":\"200-1\"");
  BOOST_CHECK_EQUAL(count(failed.body, "\"takes\""), 1U);
  BOOST_CHECK_EQUAL(count(get("/v1/reservations?user=8").body, "\"takes\""),
                    1U);
  BOOST_CHECK_EQUAL(count(get("/v1/reservations?type=zdb").body, "\"takes\""),
                    0U);
  BOOST_CHECK_EQUAL(count(get("/v1/reservations?prefix=1").body, "\"takes\""),
                    1U);
}

BOOST_AUTO_TEST_CASE(refuses_questions_that_make_no_sense) {
  open();
  for (auto* target :
       {"/v1/reservations?limit=1001", "/v1/reservations?limit=-1",
        "/v1/reservations?state=happy", "/v1/events?after=x", "/v1/%2",
        "nothing"}) {
    auto got = get(target);
    BOOST_CHECK_MESSAGE(got.status == 400, target << got.body);
    says(got.body, "\"code\":\"malformed_input\"");
  }
  BOOST_CHECK_EQUAL(get("/v2/status").status, 404);
  BOOST_CHECK_EQUAL(request("POST", "/v1/status")->status, 405);
}

BOOST_AUTO_TEST_CASE(shows_one_by_the_beginning_of_its_id) {
  open();
  give({a_volume("100-1"), a_volume("101-1"), a_volume("101-2")});
  auto whole = get("/v1/reservations/100-1");
  says(whole.body, "\"event\":\"accepted\"");
  says(whole.body, "\"event\":\"provisioned\"");
  says(whole.body, "\"data\":{\"id\":\"100-1\"}");
  BOOST_CHECK_EQUAL(get("/v1/reservations/100").body, whole.body);
  auto several = get("/v1/reservations/101");
  BOOST_CHECK_EQUAL(several.status, 409);
  says(several.body, "101-1, 101-2");
  BOOST_CHECK_EQUAL(get("/v1/reservations/7").status, 404);
}

BOOST_AUTO_TEST_CASE(shows_what_the_customer_sent_to_admins_only) {
  open();
  give({a_volume("100-1")});
  auto target = "/v1/reservations/100-1?document=true";
  says(get(target).body, "\"document\":{");
  BOOST_CHECK_EQUAL(count(get(target, api_role::reader).body, "\"document\""),
                    0U);
}

BOOST_AUTO_TEST_CASE(takes_orders_from_admins_only) {
  open();
  give({a_volume("100-1")});
  auto body = R"({"reason":"disk is dying"})";
  auto target = "/v1/reservations/100-1/cancel";
  BOOST_CHECK_EQUAL(request("POST", target, body, api_role::reader)->status,
                    403);
  BOOST_CHECK(find("100-1"));
  for (auto* bad : {"", "{}", "[1]", R"({"reason":""})", R"({"reason":1})"})
    BOOST_CHECK_EQUAL(request("POST", target, bad)->status, 400);
  BOOST_CHECK(find("100-1"));
  BOOST_CHECK_EQUAL(request("POST", target, body)->status, 200);
  BOOST_CHECK(!find("100-1"));
  says(explorer->reports.back().body, "disk is dying");
  BOOST_CHECK_EQUAL(request("POST", target, body)->status, 404);
}

BOOST_AUTO_TEST_CASE(tells_the_events_behind_a_number) {
  open();
  give({a_volume("100-1"), a_volume("100-2")});
  auto all = get("/v1/events");
  BOOST_CHECK_EQUAL(count(all.body, "\"sequence\""), 4U);
  auto rest = get("/v1/events?after=3");
  BOOST_CHECK_EQUAL(count(rest.body, "\"sequence\""), 1U);
  says(rest.body, "\"next\":4");
  says(get("/v1/events?last=1").body, "\"sequence\":4");
}

BOOST_AUTO_TEST_CASE(streams_each_event_once_and_goes_on_where_one_was) {
  open();
  give({a_volume("100-1")});
  http_server_response stream;
  api_call call;
  call.request = {.method = "GET", .target = "/v1/events"};
  call.request.headers.emplace_back("accept", "text/event-stream");
  call.request.headers.emplace_back("last-event-id", "1");
  call.reply = [&](http_server_response got) { stream = std::move(got); };
  caf::anon_send(api, std::move(call));
  run();
  BOOST_REQUIRE_EQUAL(stream.status, 200);
  BOOST_REQUIRE(stream.more);
  std::vector<std::string> pieces;
  auto take = [&] {
    stream.more([&](http_server_response piece) {
      pieces.push_back(std::move(piece.body));
    });
    run();
  };
  take();
  BOOST_REQUIRE_EQUAL(pieces.size(), 1U);
  BOOST_CHECK_EQUAL(count(pieces[0], "id: 2\nevent: provisioned\n"), 1U);
  BOOST_CHECK_EQUAL(count(pieces[0], "id: 1\n"), 0U);
  take();
  BOOST_CHECK_EQUAL(pieces.size(), 1U);
  give({a_volume("100-2")});
  advance(std::chrono::milliseconds{300});
  BOOST_REQUIRE_EQUAL(pieces.size(), 2U);
  BOOST_CHECK_EQUAL(count(pieces[1], "id: 3\n"), 1U);
  // A connection whose other end is gone must be noticed.
  take();
  advance(std::chrono::seconds{12});
  BOOST_REQUIRE_EQUAL(pieces.size(), 3U);
  BOOST_CHECK_EQUAL(pieces[2], ": nothing new\n\n");
}

BOOST_AUTO_TEST_CASE(lets_a_few_follow_and_refuses_more) {
  open();
  std::vector<http_server_response> streams;
  auto ask_stream = [&] {
    api_call call;
    call.request = {.method = "GET", .target = "/v1/events"};
    call.request.headers.emplace_back("accept", "text/event-stream");
    call.reply
      = [&](http_server_response got) { streams.push_back(std::move(got)); };
    caf::anon_send(api, std::move(call));
    run();
    return streams.back().status;
  };
  for (int i = 0; i < 16; ++i)
    BOOST_REQUIRE_EQUAL(ask_stream(), 200);
  BOOST_CHECK_EQUAL(ask_stream(), 503);
  // One hangs up.
  streams.erase(streams.begin());
  BOOST_CHECK_EQUAL(ask_stream(), 200);
}

BOOST_AUTO_TEST_CASE(an_audit_finds_no_drift_and_would_see_one) {
  open();
  std::vector<reservation> page;
  for (int i = 1; i <= 3; ++i)
    page.push_back(a_volume("100-" + std::to_string(i)));
  give(page);
  auto sound = get("/v1/capacity/audit");
  says(sound.body, "\"comparable\":true,\"drift\":false");
  says(sound.body, "\"live\":3");
  numbers->increment({reservation_types::volume, {.sru = 1}, {}});
  says(get("/v1/capacity/audit").body, "\"comparable\":true,\"drift\":true");
}

BOOST_AUTO_TEST_CASE(is_ready_unless_intake_is_paused) {
  open();
  BOOST_CHECK_EQUAL(get("/livez").body, "ok\n");
  BOOST_CHECK_EQUAL(get("/readyz").status, 200);
  before_apply = [] { return error{errc::disk_full, "no room"}; };
  give({a_volume("100-1")});
  auto got = get("/readyz?verbose");
  BOOST_CHECK_EQUAL(got.status, 503);
  says(got.body, "[-] intake: paused, no room");
  says(get("/v1/status").body, "\"health\":\"paused\"");
}

BOOST_AUTO_TEST_CASE(shows_what_is_set_aside_and_what_is_owed) {
  explorer->answer = [](const report&) {
    return error{errc::explorer_refused, "409 conflict", 409};
  };
  open();
  source_page page{.source = "test"};
  page.documents.push_back(own_text("{\"id\":\"9-1\"", text_form::reservation));
  give(std::move(page));
  give({a_volume("100-1")});
  auto aside = get("/v1/quarantine");
  says(aside.body, "\"code\":\"malformed_input\"");
  BOOST_CHECK_EQUAL(count(aside.body, "\"key\""), 1U);
  says(get("/v1/outbox?parked=true").body, "\"reason\":\"409 conflict\"");
  BOOST_CHECK_EQUAL(count(get("/v1/outbox").body, "\"sequence\""), 0U);
  says(get("/v1/types").body,
       R"({"type":"volume","offered":true,"workloads":1,"health":"serving")");
}

BOOST_AUTO_TEST_SUITE_END()
