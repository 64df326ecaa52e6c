#include "backends/host/host_gateway_backend.hpp"

#include <signal.h>

#include "tests/backends/gateway_host.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_gateway_backend_test,
                      *boost::unit_test::precondition(gateways_are_possible))

namespace {

/// Lets so many steps pass; none after that, as after a crash.
step_hook stops_at(int& steps) {
  return [&steps](std::string_view step) {
    return steps-- > 0
             ? error{}
             : error{errc::backend_failure, "stopped at " + std::string{step}};
  };
}

} // namespace

BOOST_FIXTURE_TEST_CASE(passes_http_on_by_its_host_header, gateway_host) {
  const auto backend = open();
  BOOST_CHECK_EQUAL(state_of(*backend, "106-1"), "absent");
  made(backend->ensure(proxy()));
  BOOST_CHECK_EQUAL(state_of(*backend, "106-1"), "present");
  const auto heard = http_get("www.example.com");
  says(heard, "200 OK");
  says(heard, "GET /path HTTP/1.1\r\n");
  says(heard, "Host: www.example.com\r\n");
  says(heard, "X-Forwarded-For: " + std::string{gateway_address});
  says(http_get("WWW.Example.Com:80"), "Host: WWW.Example.Com:80\r\n");
  // Whoever asks for another name is hung up on.
  for (const auto* other : {"example.com", "a.www.example.com", "203.0.113.1"})
    BOOST_CHECK_EQUAL(http_get(other), "");
  says(http_get(""), "400 Bad Request");
}

BOOST_FIXTURE_TEST_CASE(passes_tls_on_unopened_by_the_servers_name,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(proxy()));
  const auto heard = https_get("www.example.com");
  // What the house shows, not the gateway, which has no key of it.
  says(heard, "CN=DNS:www.example.com ");
  says(heard, "opened by the house for www.example.com");
  BOOST_CHECK_EQUAL(https_get("other.example.com"), "");
  BOOST_CHECK_EQUAL(https_get(""), "");
}

BOOST_FIXTURE_TEST_CASE(passes_on_what_is_no_http_any_more_after_an_upgrade,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(proxy()));
  const auto socket = connect_to(gateway_address, 80);
  say(socket.number(), "GET / HTTP/1.1\r\nHost: www.example.com\r\n"
                       "Upgrade: echo\r\nConnection: Upgrade\r\n\r\n");
  says(hear(socket.number(), is_request), "101 Switching Protocols");
  say(socket.number(), "to and fro.");
  BOOST_CHECK_EQUAL(hear(socket.number()), "to and fro.");
}

BOOST_FIXTURE_TEST_CASE(passes_a_large_body_on_that_no_worker_could_keep,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(proxy()));
  const std::string body(4U << 20U, 'b');
  const auto socket = connect_to(gateway_address, 80);
  say(socket.number(), "POST / HTTP/1.1\r\nHost: www.example.com\r\n"
                       "Connection: close\r\nContent-Length: "
                         + std::to_string(body.size()) + "\r\n\r\n");
  // The house answers after the head and reads no further.
  say(socket.number(), body.substr(0, 1024));
  says(hear(socket.number(), is_request), "200 OK");
}

BOOST_FIXTURE_TEST_CASE(one_goes_without_a_break_for_another, gateway_host) {
  const auto backend = open();
  made(backend->ensure(proxy("one.example.com", "106-1")));
  made(backend->ensure(proxy("two.example.com", "107-1", "8")));
  const auto before = backend->processes().look("nginx").pid;
  says(http_get("one.example.com"), "200 OK");
  says(http_get("two.example.com"), "200 OK");
  made(backend->destroy("106-1"));
  BOOST_CHECK_EQUAL(http_get("one.example.com"), "");
  BOOST_CHECK_EQUAL(state_of(*backend, "106-1"), "absent");
  says(http_get("two.example.com"), "200 OK");
  BOOST_CHECK_EQUAL(backend->processes().look("nginx").pid, before);
  // nginx goes with the last one.
  made(backend->destroy("107-1"));
  made(backend->destroy("107-1"));
  BOOST_CHECK_EQUAL(http_get("two.example.com"), "nobody listens");
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(changes_one_in_place, gateway_host) {
  const auto backend = open();
  auto order = proxy();
  std::get<proxied_domain>(order.what).port = 0;
  made(backend->ensure(order));
  BOOST_CHECK_EQUAL(http_get("www.example.com"), "");
  says(https_get("www.example.com"), "opened by the house");
  made(backend->ensure(proxy()));
  says(http_get("www.example.com"), "200 OK");
}

BOOST_FIXTURE_TEST_CASE(lists_what_each_type_has, gateway_host) {
  namespace types = reservation_types;
  const auto backend = open();
  made(backend->ensure(proxy()));
  made(backend->ensure(delegate()));
  made(backend->ensure(subdomain()));
  for (const auto& [type, what] :
       {std::pair{types::proxy, held_object{"106-1", "www.example.com", {}}},
        std::pair{types::domain_delegate,
                  held_object{"109-1", "example.com", {}}},
        std::pair{types::subdomain, held_object{"108-1", "a.example.com", {}}}})
    BOOST_CHECK(backend->list(type).value() == std::vector{what});
}

BOOST_FIXTURE_TEST_CASE(a_later_proxy_of_a_user_takes_the_place_of_an_earlier,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(proxy("www.example.com", "106-1")));
  auto later = proxy("www.example.com", "107-1");
  std::get<proxied_domain>(later.what).port = 8081;
  made(backend->ensure(later));
  says(state_of(*backend, "106-1"), "partial: reservation 107-1 has");
  BOOST_CHECK_EQUAL(state_of(*backend, "107-1"), "present");
  made(backend->destroy("107-1"));
  BOOST_CHECK_EQUAL(state_of(*backend, "106-1"), "present");
  says(http_get("www.example.com"), "200 OK");
}

BOOST_FIXTURE_TEST_CASE(refuses_what_is_anothers_or_leads_back, gateway_host) {
  const auto backend = open();
  made(backend->ensure(proxy()));
  refused(backend->ensure(proxy("www.example.com", "107-1", "8")),
          errc::invalid_reservation, "www.example.com is another user's");
  auto loop = proxy("loop.example.com", "107-1");
  std::get<proxied_domain>(loop.what).address = ip(gateway_address);
  refused(backend->ensure(loop), errc::invalid_reservation,
          "203.0.113.1 is the gateway's own");
  BOOST_CHECK_EQUAL(state_of(*backend, "107-1"), "absent");
  says(http_get("www.example.com"), "200 OK");
}

BOOST_FIXTURE_TEST_CASE(nothing_of_a_users_text_reaches_nginx_or_a_zone,
                        gateway_host) {
  const auto backend = open();
  for (const std::string hostile :
       {"a.example; } server { listen 81;",
        "a.example\nb.example. IN A 1.2.3.4", "A.example.com", "$host",
        "../../etc.passwd"}) {
    for (const auto& order :
         {proxy(hostile), delegate(hostile), subdomain(hostile)})
      refused(backend->ensure(order), errc::invalid_reservation, "domain: ");
  }
  for (const std::string user : {"7\n@ IN NS evil.", "", "seven"})
    refused(backend->ensure(delegate("example.com", "109-1", user)),
            errc::invalid_reservation, "the user is no number");
  refused(backend->ensure(proxy("www.example.com", "../106-1")),
          errc::invalid_reservation, "cannot name");
  refused(backend->destroy("../106-1"), errc::invalid_reservation,
          "cannot name");
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(
  what_nginx_does_not_accept_never_reaches_the_one_that_runs, gateway_host) {
  made(open()->ensure(proxy()));
  auto bent = options();
  bent.tools.stream_module = "/nonexistent/module.so";
  const auto backend = open(bent);
  refused(backend->ensure(proxy("two.example.com", "107-1")),
          errc::backend_failure, "nginx does not accept its configuration");
  // Nothing stays of it, and the other one is served on.
  const auto again = open();
  BOOST_CHECK_EQUAL(state_of(*again, "107-1"), "absent");
  BOOST_CHECK_EQUAL(state_of(*again, "106-1"), "present");
  says(http_get("www.example.com"), "200 OK");
  made(again->ensure(proxy("two.example.com", "107-1")));
  says(http_get("two.example.com"), "200 OK");
}

BOOST_FIXTURE_TEST_CASE(a_port_that_is_taken_is_named, gateway_host) {
  const auto squatter = listen_at(gateway_address, 80);
  BOOST_REQUIRE(squatter);
  refused(open()->ensure(proxy()), errc::host_unavailable,
          "nginx does not serve");
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(outlives_its_daemon_and_comes_back_after_a_reboot,
                        gateway_host) {
  made(open()->ensure(proxy()));
  const auto backend = open();
  const auto before = backend->processes().look("nginx").pid;
  made(backend->refresh());
  BOOST_CHECK_EQUAL(state_of(*backend, "106-1"), "present");
  BOOST_CHECK_EQUAL(backend->processes().look("nginx").pid, before);
  BOOST_CHECK(!backend->restore("nginx").value());
  // As if the host had been switched off.
  BOOST_REQUIRE(!backend->processes().stop("nginx"));
  says(state_of(*backend, "106-1"), "partial: nginx does not run");
  bool has_started = false;
  backend->on_start([&] { has_started = true; });
  made(backend->refresh());
  BOOST_CHECK(has_started);
  BOOST_CHECK_EQUAL(state_of(*backend, "106-1"), "present");
  says(http_get("www.example.com"), "200 OK");
}

BOOST_FIXTURE_TEST_CASE(restores_nginx_when_its_shim_was_killed, gateway_host) {
  const auto backend = open();
  made(backend->ensure(proxy()));
  for (const auto pid : processes_with("provisiond-shim"))
    if (shim::read_small("/proc/" + std::to_string(pid) + "/cmdline").find(root)
        != std::string::npos)
      ::kill(pid, SIGKILL);
  BOOST_CHECK(eventually([&] {
    return backend->processes().look("nginx").is
           == process_facts::state::unattended;
  }));
  BOOST_CHECK(backend->restore("nginx").value());
  BOOST_CHECK_EQUAL(state_of(*backend, "106-1"), "present");
  says(http_get("www.example.com"), "200 OK");
}

BOOST_FIXTURE_TEST_CASE(takes_other_settings_over, gateway_host) {
  made(open()->ensure(proxy()));
  auto moved = options();
  moved.http_listen = std::string{gateway_address} + ":81";
  const auto backend = open(moved);
  made(backend->refresh());
  says(http_get("www.example.com", 81), "200 OK");
  BOOST_CHECK_EQUAL(http_get("www.example.com", 80), "nobody listens");
  // And where it is no gateway any more, nobody listens.
  auto closed = options();
  closed.http_listen.clear();
  closed.tls_listen.clear();
  made(open(closed)->refresh());
  BOOST_CHECK_EQUAL(http_get("www.example.com", 81), "nobody listens");
}

BOOST_FIXTURE_TEST_CASE(a_crash_at_any_step_is_made_good, gateway_host) {
  const std::vector<std::vector<gateway_order>> cases{
    {proxy()},    {proxy("one.example.com", "107-1"), proxy()},
    {tunnel()},   {tunnel("one.example.com", "106-1"), tunnel()},
    {delegate()}, {delegate(), subdomain()}};
  for (const auto& orders : cases) {
    const auto& last = orders.back();
    bool is_whole = false;
    for (int at = 0; !is_whole; ++at) {
      BOOST_REQUIRE_LT(at, 100);
      BOOST_TEST_CONTEXT(last.id << " stopped after step " << at) {
        for (const auto& one : orders)
          if (one.id != last.id)
            made(open()->ensure(one));
        int steps = at;
        is_whole = !open(stops_at(steps))->ensure(last);
        made(open()->ensure(last));
        BOOST_CHECK_EQUAL(state_of(*open(), last.id), "present");
        steps = at;
        (void)open(stops_at(steps))->destroy(last.id);
        made(open()->destroy(last.id));
        BOOST_CHECK_EQUAL(state_of(*open(), last.id), "absent");
        for (const auto& one : orders)
          made(open()->destroy(one.id));
        BOOST_CHECK_EQUAL(traces(), "");
      }
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_record_that_cannot_be_read_is_no_absent_one,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(proxy()));
  const auto path = root + "/g/records/106-1.gateway";
  const auto whole = shim::read_small(path);
  std::ofstream{path} << "user\t7\n";
  says(state_of(*backend, "106-1"), "unknown: " + path);
  refused(backend->ensure(proxy("other.example.com", "107-1")),
          errc::storage_corrupt, "remove that file");
  BOOST_CHECK(!backend->list(reservation_types::proxy));
  BOOST_CHECK(backend->destroy("106-1").code == errc::storage_corrupt);
  says(http_get("www.example.com"), "200 OK");
  std::ofstream{path} << whole;
}

BOOST_AUTO_TEST_SUITE_END()
