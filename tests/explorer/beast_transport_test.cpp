#include "explorer/http/beast_transport.hpp"

#include <boost/test/unit_test.hpp>

#include <sched.h>

#include "http/http_server.hpp"
#include "tests/explorer/raw_server.hpp"
#include "tests/explorer/transport_under_test.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(beast_transport_test)

namespace {

std::string url_of(const http_server& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

void echo_target(const http_server_request& request, const http_reply& reply) {
  reply({.headers = {{"X-Last-Id", "42"}}, .body = request.target});
}

/// What one GET yields from a server that reads it and writes `answer`.
expected<http_response> get_answered_with(const std::string& answer,
                                          http_transport_options options = {}) {
  raw_server server{[&](int socket, int) {
    read_request(socket);
    write_text(socket, answer);
  }};
  auto transport = transport_to(server.url(), std::move(options));
  return fetch(*transport, {.method = "GET", .target = "/"});
}

} // namespace

BOOST_AUTO_TEST_CASE(uses_one_connection_for_requests_in_a_row) {
  auto server = http_server::start({}, echo_target).value();
  auto transport = transport_to(url_of(*server));
  for (int i = 0; i < 20; ++i) {
    auto target = "/" + std::to_string(i);
    auto response = fetch(*transport, {.method = "GET", .target = target});
    BOOST_REQUIRE(response);
    BOOST_CHECK_EQUAL(response->status, 200);
    BOOST_CHECK_EQUAL(response->body, target);
    BOOST_CHECK_EQUAL(response->header("x-last-id"), "42");
    BOOST_CHECK_EQUAL(response->header("absent"), "");
  }
  BOOST_CHECK_EQUAL(server->accepted(), 1U);
}

BOOST_AUTO_TEST_CASE(carries_many_requests_over_few_connections) {
  auto server = http_server::start({}, echo_target).value();
  auto transport = transport_to(url_of(*server), {.connections = 4});
  std::vector<std::future<expected<http_response>>> answers;
  for (int i = 0; i < 2000; ++i) {
    auto promise = std::make_shared<std::promise<expected<http_response>>>();
    answers.push_back(promise->get_future());
    transport->send(
      {.method = "PUT",
       .target = "/" + std::to_string(i),
       .body = std::string(600, 'x')},
      [promise](auto got) { promise->set_value(std::move(got)); });
  }
  int whole = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto got = answers[i].get();
    whole += got && got->body == "/" + std::to_string(i) ? 1 : 0;
  }
  BOOST_CHECK_EQUAL(whole, 2000);
  BOOST_CHECK_LE(server->accepted(), 4U);
}

BOOST_AUTO_TEST_CASE(tells_its_version) {
  auto server
    = http_server::start({}, [](const auto& request, const auto& reply) {
        reply({.body = std::string{request.header("user-agent")}});
      }).value();
  auto transport = transport_to(url_of(*server));
  auto response = fetch(*transport, {.method = "GET", .target = "/"});
  BOOST_REQUIRE(response);
  BOOST_CHECK(response->body.starts_with("provisiond/"));
  BOOST_CHECK(response->body.find('.') != std::string::npos);
}

BOOST_AUTO_TEST_CASE(reads_chunks_and_bodies_that_end_with_the_connection) {
  auto chunked
    = get_answered_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  BOOST_REQUIRE(chunked);
  BOOST_CHECK_EQUAL(chunked->body, "abcde");
  auto endless = get_answered_with("HTTP/1.1 201 Created\r\n\r\nabc");
  BOOST_REQUIRE(endless);
  BOOST_CHECK_EQUAL(endless->status, 201);
  BOOST_CHECK_EQUAL(endless->body, "abc");
}

BOOST_AUTO_TEST_CASE(passes_over_interim_answers) {
  auto response = get_answered_with("HTTP/1.1 100 Continue\r\n\r\n"
                                    "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
                                    + std::string{small_answer});
  BOOST_REQUIRE(response);
  BOOST_CHECK_EQUAL(response->body, "ok");
}

BOOST_AUTO_TEST_CASE(names_the_host_that_refuses) {
  int port = 0;
  {
    raw_server gone{[](int, int) {}};
    port = gone.port();
  }
  auto transport = transport_to("http://127.0.0.1:" + std::to_string(port));
  auto response = fetch(*transport, {.method = "GET", .target = "/"});
  check_unreachable(response, "127.0.0.1:" + std::to_string(port)
                                + ": connecting failed after ");
  BOOST_CHECK_EQUAL(response.error().detail, ECONNREFUSED);
}

BOOST_AUTO_TEST_CASE(gives_up_at_the_deadline) {
  std::promise<void> over;
  raw_server server{[ended = over.get_future().share()](int socket, int) {
    read_request(socket);
    ended.wait();
  }};
  auto transport = transport_to(server.url(), {.connections = 1});
  std::promise<expected<http_response>> queued;
  auto begin = std::chrono::steady_clock::now();
  auto first = outcome_of<expected<http_response>>([&](auto done) {
    transport->send({.method = "GET", .target = "/", .deadline = 50ms}, done);
    transport->send({.method = "GET", .target = "/", .deadline = 50ms},
                    [&](auto got) { queued.set_value(std::move(got)); });
  });
  auto second = queued.get_future().get();
  over.set_value();
  BOOST_CHECK(std::chrono::steady_clock::now() - begin < 5s);
  check_unreachable(first, "receiving failed after ");
  check_unreachable(second, " failed after ");
  check_unreachable(second, "time-out");
}

BOOST_AUTO_TEST_CASE(reports_half_a_body_and_garbage) {
  check_unreachable(
    get_answered_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
    "receiving failed");
  check_unreachable(
    get_answered_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "5\r\nab"),
    "receiving failed");
  check_unreachable(get_answered_with("220 smtp ready\r\n\r\n"),
                    "receiving failed");
  check_unreachable(get_answered_with(""), "receiving failed");
}

BOOST_AUTO_TEST_CASE(refuses_answers_beyond_the_limit) {
  http_transport_options options{.response_bytes_max = 100};
  for (const auto& answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"}) {
    auto response
      = get_answered_with(answer + std::string(101, 'x') + "\r\n", options);
    BOOST_TEST_CONTEXT(answer) {
      BOOST_REQUIRE(!response);
      BOOST_CHECK(response.error().code == errc::input_too_large);
    }
  }
  auto headers = get_answered_with(
    "HTTP/1.1 200 OK\r\nX: " + std::string(70000, 'x') + "\r\n\r\n");
  BOOST_REQUIRE(!headers);
  BOOST_CHECK(headers.error().code == errc::input_too_large);
}

BOOST_AUTO_TEST_CASE(reports_a_reset) {
  auto server = http_server::start({}, [](const auto&, const auto& reply) {
                  reply({.fault = http_fault::reset});
                }).value();
  auto transport = transport_to(url_of(*server));
  check_unreachable(fetch(*transport, {.method = "GET", .target = "/"}),
                    "receiving failed");
}

BOOST_AUTO_TEST_CASE(opens_a_new_connection_where_the_kept_one_was_closed) {
  raw_server server{[](int socket, int) {
    read_request(socket);
    write_text(socket, small_answer);
  }};
  auto transport = transport_to(server.url());
  for (const auto* method : {"GET", "POST", "PUT", "POST", "DELETE"}) {
    auto response = fetch(*transport, {.method = method, .target = "/"});
    BOOST_CHECK(response);
    BOOST_REQUIRE(
      test::eventually([&] { return server.closed() == server.accepted(); }));
  }
  BOOST_CHECK_EQUAL(server.accepted(), 5);
}

// The server reads the second request and closes without an answer, so that
// nothing could be seen before it was sent.
BOOST_AUTO_TEST_CASE(repeats_once_what_a_kept_connection_swallowed) {
  raw_server server{[](int socket, int) {
    read_request(socket);
    write_text(socket, small_answer);
    read_request(socket);
  }};
  auto transport = transport_to(server.url());
  for (const auto* method : {"GET", "PUT", "DELETE", "GET"})
    BOOST_CHECK(fetch(*transport, {.method = method, .target = "/"}));
  BOOST_CHECK_EQUAL(server.accepted(), 4);
  check_unreachable(fetch(*transport, {.method = "POST", .target = "/"}),
                    "receiving failed");
}

BOOST_AUTO_TEST_CASE(does_not_repeat_on_a_fresh_connection) {
  raw_server server{[](int socket, int) { read_request(socket); }};
  auto transport = transport_to(server.url());
  BOOST_CHECK(!fetch(*transport, {.method = "GET", .target = "/"}));
  BOOST_CHECK_EQUAL(server.accepted(), 1);
}

BOOST_AUTO_TEST_CASE(does_not_use_a_connection_that_idled_too_long) {
  auto server = http_server::start({}, echo_target).value();
  auto transport = transport_to(url_of(*server), {.idle_timeout = -1ms});
  for (int i = 0; i < 3; ++i)
    BOOST_CHECK(fetch(*transport, {.method = "GET", .target = "/"}));
  BOOST_CHECK_EQUAL(server->accepted(), 3U);
}

BOOST_AUTO_TEST_CASE(does_not_mistake_stray_bytes_for_the_next_answer) {
  raw_server server{[](int socket, int number) {
    for (int i = 0; i < 2 && !read_request(socket).empty(); ++i)
      write_text(socket, number == 0 ? std::string{small_answer} + "HTTP/1.1 "
                                     : std::string{small_answer});
  }};
  auto transport = transport_to(server.url());
  BOOST_CHECK(fetch(*transport, {.method = "GET", .target = "/"}));
  BOOST_CHECK(fetch(*transport, {.method = "GET", .target = "/"}));
  BOOST_CHECK_EQUAL(server.accepted(), 2);
}

BOOST_AUTO_TEST_CASE(completes_everything_when_it_ends) {
  std::vector<http_reply> unanswered;
  auto server = http_server::start({}, [&](const auto&, auto reply) {
                  unanswered.push_back(std::move(reply));
                }).value();
  auto transport = transport_to(url_of(*server), {.connections = 2});
  std::atomic<int> completed = 0;
  for (int i = 0; i < 50; ++i)
    transport->send({.method = "GET", .target = "/"}, [&](auto got) {
      completed
        += !got && got.error().code == errc::explorer_unreachable ? 1 : 0;
    });
  transport.reset();
  BOOST_CHECK_EQUAL(completed, 50);
}

BOOST_AUTO_TEST_CASE(may_be_let_go_by_its_own_callback) {
  auto server = http_server::start({}, echo_target).value();
  auto transport = transport_to(url_of(*server));
  auto held = std::make_shared<std::shared_ptr<http_transport>>(transport);
  auto over = outcome_of<int>([&](auto done) {
    auto& sender = *transport;
    transport.reset();
    sender.send({.method = "GET", .target = "/"}, [held, done](auto) {
      held->reset();
      done(1);
    });
  });
  BOOST_CHECK_EQUAL(over, 1);
}

BOOST_AUTO_TEST_CASE(finds_hosts_by_name_and_says_if_there_is_none) {
  auto server = http_server::start({}, echo_target).value();
  auto transport
    = transport_to("http://localhost:" + std::to_string(server->port()));
  BOOST_CHECK(fetch(*transport, {.method = "GET", .target = "/"}));
  auto nowhere = transport_to("http://nowhere.invalid");
  check_unreachable(
    fetch(*nowhere, {.method = "GET", .target = "/", .deadline = 2s}),
    "nowhere.invalid:80: name look-up failed");
}

BOOST_AUTO_TEST_CASE(goes_through_a_proxy) {
  auto proxy
    = http_server::start({}, [](const auto& request, const auto& reply) {
        reply({.body = request.target + ' '
                       + std::string{request.header("host")} + ' '
                       + std::string{request.header("proxy-authorization")}});
      }).value();
  http_transport_options options;
  options.proxy.http = "http://a:b@127.0.0.1:" + std::to_string(proxy->port());
  auto transport = transport_to("http://explorer.example", options);
  auto response = fetch(*transport, {.method = "GET", .target = "/x"});
  BOOST_REQUIRE(response);
  BOOST_CHECK_EQUAL(response->body,
                    "http://explorer.example/x explorer.example Basic YTpi");
}

BOOST_AUTO_TEST_CASE(refuses_settings_that_are_of_no_use) {
  for (const auto& options : {
         http_transport_options{.url = "explorer"},
         http_transport_options{.url = "https://x", .ca_file = "/nowhere"},
         http_transport_options{.url = "http://x",
         .proxy = {.http = "socks5://p"}},
       }) {
    auto transport = make_http_transport(options);
    BOOST_REQUIRE(!transport);
    BOOST_CHECK(transport.error().code == errc::invalid_configuration);
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_request_that_is_no_http) {
  auto transport = transport_to("http://127.0.0.1:1");
  auto response = fetch(*transport, {.method = "GET", .target = "/a b"});
  BOOST_REQUIRE(!response);
  BOOST_CHECK(response.error().code == errc::malformed_input);
}

BOOST_AUTO_TEST_CASE(works_on_a_batch_thread) {
  auto server = http_server::start({}, echo_target).value();
  auto transport = transport_to(url_of(*server));
  std::promise<int> scheduling;
  transport->send({.method = "GET", .target = "/"},
                  [&](auto) { scheduling.set_value(::sched_getscheduler(0)); });
  BOOST_CHECK_EQUAL(scheduling.get_future().get(), SCHED_BATCH);
}

BOOST_AUTO_TEST_SUITE_END()
