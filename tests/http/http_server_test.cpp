#include "http/http_server.hpp"

#include <poll.h>

#include <future>
#include <mutex>

#include <boost/test/unit_test.hpp>

#include "tests/explorer/raw_server.hpp"

using namespace provision;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(http_server_test)

namespace {

std::unique_ptr<http_server> serve(http_handler handler,
                                   http_server_options options = {}) {
  return http_server::start(std::move(options), std::move(handler)).value();
}

void echo_target(const http_server_request& request, const http_reply& reply) {
  reply({.body = request.method + ' ' + request.target});
}

/// What a client gets that sends `bytes` and nothing more.
std::string converse(const http_server& server, std::string_view bytes) {
  int socket = connect_to(server.port());
  write_text(socket, bytes);
  ::shutdown(socket, SHUT_WR);
  auto answer = read_all(socket);
  ::close(socket);
  return answer;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Reads until `end` has come.
std::string read_until(int socket, std::string_view end) {
  std::string text;
  char byte = 0;
  while (!text.ends_with(end) && ::recv(socket, &byte, 1, 0) == 1)
    text += byte;
  return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(answers_requests_sent_ahead_one_after_the_other) {
  auto server = serve(echo_target);
  BOOST_CHECK_EQUAL(converse(*server,
                             "GET /1 HTTP/1.1\r\n\r\nPUT /2 HTTP/1.1\r\n"
                             "Content-Length: 2\r\n\r\nab"),
                    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nGET /1"
                    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPUT /2");
  BOOST_CHECK_EQUAL(server->accepted(), 1U);
}

// The client waits for the first answer and sends nothing meanwhile.
BOOST_AUTO_TEST_CASE(an_answer_waits_for_no_handler_behind_it) {
  std::promise<http_reply> second;
  auto server
    = serve([&](const http_server_request& request, const http_reply& reply) {
        if (request.target == "/1")
          reply({.body = "first"});
        else
          second.set_value(reply);
      });
  int socket = connect_to(server->port());
  write_text(socket, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  BOOST_CHECK(read_until(socket, "first").ends_with("\r\n\r\nfirst"));
  second.get_future().get()({.body = "second"});
  BOOST_CHECK(read_until(socket, "second").ends_with("\r\n\r\nsecond"));
  ::close(socket);
}

// As long as the handler thinks, no timer of the wire's runs.
BOOST_AUTO_TEST_CASE(a_handler_behind_others_has_its_time) {
  std::promise<http_reply> second;
  auto server = serve(
    [&](const http_server_request& request, const http_reply& reply) {
      if (request.target == "/1")
        reply({.body = "first"});
      else
        second.set_value(reply);
    },
    {.transfer_timeout = 100ms});
  int socket = connect_to(server->port());
  write_text(socket, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  BOOST_CHECK(read_until(socket, "first").ends_with("first"));
  pollfd heard{.fd = socket, .events = POLLIN, .revents = 0};
  BOOST_CHECK_EQUAL(::poll(&heard, 1, 300), 0);
  second.get_future().get()({.body = "second"});
  BOOST_CHECK(read_until(socket, "second").ends_with("second"));
  ::close(socket);
}

BOOST_AUTO_TEST_CASE(an_answer_waits_for_no_rest_of_a_request_behind_it) {
  auto server = serve(echo_target);
  int socket = connect_to(server->port());
  std::string second = "PUT /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nab";
  for (std::size_t cut = 1; cut < second.size(); ++cut) {
    write_text(socket, "GET /1 HTTP/1.1\r\n\r\n" + second.substr(0, cut));
    BOOST_CHECK(read_until(socket, "GET /1").ends_with("\r\n\r\nGET /1"));
    write_text(socket, second.substr(cut));
    BOOST_CHECK(read_until(socket, "PUT /2").ends_with("\r\n\r\nPUT /2"));
  }
  ::close(socket);
  BOOST_CHECK_EQUAL(server->accepted(), 1U);
}

BOOST_AUTO_TEST_CASE(limits_hold_for_requests_sent_ahead) {
  auto server
    = serve(echo_target, {.body_bytes_max = 10, .header_bytes_max = 300});
  const std::string first = "GET /1 HTTP/1.1\r\n\r\n";
  auto large = converse(*server, first
                                   + "PUT /2 HTTP/1.1\r\nContent-Length: 11"
                                     "\r\n\r\n12345678901");
  BOOST_CHECK(has(large, "GET /1"));
  BOOST_CHECK(has(large, "HTTP/1.1 413 "));
  auto chunked = converse(
    *server, first
               + "PUT /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "b\r\n12345678901\r\n0\r\n\r\n");
  BOOST_CHECK(has(chunked, "GET /1"));
  BOOST_CHECK(has(chunked, "HTTP/1.1 413 "));
  auto wide = converse(*server, first + "GET /2 HTTP/1.1\r\nX: "
                                  + std::string(400, 'x') + "\r\n\r\n");
  BOOST_CHECK(has(wide, "GET /1"));
  BOOST_CHECK(has(wide, "HTTP/1.1 431 "));
  auto garbage = converse(*server, first + "no HTTP at all\r\n\r\n");
  BOOST_CHECK(has(garbage, "GET /1"));
  BOOST_CHECK(has(garbage, "HTTP/1.1 400 "));
}

BOOST_AUTO_TEST_CASE(many_large_answers_to_requests_sent_ahead_arrive_whole) {
  const std::string body(10'000, 'x');
  auto server = serve([&](const http_server_request&, const http_reply& reply) {
    reply({.body = body});
  });
  std::string requests;
  for (int i = 0; i < 50; ++i)
    requests += "GET / HTTP/1.1\r\n\r\n";
  auto answers = converse(*server, requests);
  std::size_t bodies = 0;
  for (auto at = answers.find(body); at != std::string::npos;
       at = answers.find(body, at + body.size()))
    ++bodies;
  BOOST_CHECK_EQUAL(bodies, 50U);
}

BOOST_AUTO_TEST_CASE(hands_over_header_bytes_beyond_ascii) {
  auto server
    = serve([](const http_server_request& request, const http_reply& reply) {
        reply({.body = std::string{request.header("authorization")}});
      });
  auto answer = converse(*server, "GET / HTTP/1.1\r\nAuthorization: "
                                  "expires=\"'\xef\xbf\xbd'\"\r\n\r\n");
  BOOST_CHECK(has(answer, "expires=\"'\xef\xbf\xbd'\""));
}

BOOST_AUTO_TEST_CASE(takes_a_chunked_body) {
  auto server
    = serve([](const http_server_request& request, const http_reply& reply) {
        reply({.body = request.body});
      });
  auto answer
    = converse(*server, "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  BOOST_CHECK(answer.ends_with("\r\n\r\nabcde"));
}

BOOST_AUTO_TEST_CASE(lets_a_hesitant_client_continue) {
  auto server = serve(echo_target);
  auto answer = converse(*server, "PUT /x HTTP/1.1\r\nExpect: 100-continue\r\n"
                                  "Content-Length: 1\r\n\r\nx");
  BOOST_CHECK(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(sends_chunks_when_asked_to) {
  auto server = serve([](const http_server_request&, const http_reply& reply) {
    reply({.body = std::string(5000, 'x'), .is_chunked = true});
  });
  auto answer = converse(*server, "GET / HTTP/1.1\r\n\r\n");
  BOOST_CHECK(has(answer, "Transfer-Encoding: chunked\r\n\r\n1000\r\nxxx"));
  BOOST_CHECK(answer.ends_with("x\r\n0\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(leaves_the_body_out_for_head_and_204) {
  auto server
    = serve([](const http_server_request& request, const http_reply& reply) {
        reply({.status = request.method == "HEAD" ? 200 : 204, .body = "xy"});
      });
  BOOST_CHECK_EQUAL(
    converse(*server, "HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    "HTTP/1.1 204 No Content\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_too_large_or_no_http) {
  auto server
    = serve(echo_target, {.body_bytes_max = 10, .header_bytes_max = 1000});
  BOOST_CHECK(converse(*server, "PUT / HTTP/1.1\r\nContent-Length: 11\r\n\r\n"
                                "01234567890")
                .starts_with("HTTP/1.1 413 "));
  BOOST_CHECK(converse(*server,
                       "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "b\r\n01234567890\r\n0\r\n\r\n")
                .starts_with("HTTP/1.1 413 "));
  BOOST_CHECK(converse(*server, "GET / HTTP/1.1\r\nX: " + std::string(2000, 'x')
                                  + "\r\n\r\n")
                .starts_with("HTTP/1.1 431 "));
  BOOST_CHECK(
    converse(*server, "what is this\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

BOOST_AUTO_TEST_CASE(turns_an_exception_into_a_500_and_goes_on) {
  auto server
    = serve([](const http_server_request& request, const http_reply& reply) {
        if (request.target == "/throws")
          throw std::runtime_error{"boom"};
        if (request.target == "/throws-odd")
          throw 7;
        if (request.target != "/drops")
          reply({.body = "fine"});
      });
  auto answer = converse(*server, "GET /throws HTTP/1.1\r\n\r\n"
                                  "GET /throws-odd HTTP/1.1\r\n\r\n"
                                  "GET /drops HTTP/1.1\r\n\r\n"
                                  "GET / HTTP/1.1\r\n\r\n");
  BOOST_CHECK(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
  BOOST_CHECK(has(answer, "boom"));
  BOOST_CHECK(has(answer, "unknown exception"));
  BOOST_CHECK(has(answer, "the request was dropped"));
  BOOST_CHECK(answer.ends_with("fine"));
}

BOOST_AUTO_TEST_CASE(counts_only_the_first_reply) {
  auto server = serve([](const http_server_request&, const http_reply& reply) {
    reply({.body = "first"});
    reply({.body = "second"});
  });
  auto answer = converse(*server, "GET / HTTP/1.1\r\n\r\n");
  BOOST_CHECK(answer.ends_with("first"));
}

BOOST_AUTO_TEST_CASE(keeps_a_line_break_from_starting_a_header) {
  auto server = serve([](const http_server_request&, const http_reply& reply) {
    reply({.headers = {{"X", "a\r\nEvil: b"}}});
  });
  auto answer = converse(*server, "GET / HTTP/1.1\r\n\r\n");
  BOOST_CHECK(has(answer, "X: a  Evil: b\r\n"));
}

BOOST_AUTO_TEST_CASE(closes_on_clients_that_dawdle) {
  auto server
    = serve(echo_target, {.idle_timeout = 60ms, .transfer_timeout = 60ms});
  for (std::string_view part :
       {"", "GET / HTT", "PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"}) {
    int socket = connect_to(server->port());
    write_text(socket, part);
    BOOST_CHECK_EQUAL(read_all(socket), "");
    ::close(socket);
  }
}

BOOST_AUTO_TEST_CASE(serves_further_connections_once_others_have_closed) {
  auto server = serve(echo_target, {.connections_max = 1});
  int first = connect_to(server->port());
  int second = connect_to(server->port());
  write_text(second, "GET /second HTTP/1.1\r\nConnection: close\r\n\r\n");
  write_text(first, "GET /first HTTP/1.1\r\nConnection: close\r\n\r\n");
  BOOST_CHECK(read_all(first).ends_with("GET /first"));
  BOOST_CHECK(read_all(second).ends_with("GET /second"));
  ::close(first);
  ::close(second);
}

BOOST_AUTO_TEST_CASE(plays_the_faults_it_is_asked_for) {
  auto server
    = serve([](const http_server_request& request, const http_reply& reply) {
        http_server_response response{.body = "0123456789"};
        if (request.target == "/close")
          response.fault = http_fault::close;
        if (request.target == "/truncate") {
          response.fault = http_fault::truncate;
          response.truncate_after = 4;
        }
        if (request.target == "/delay")
          response.delay = 30ms;
        reply(std::move(response));
      });
  BOOST_CHECK_EQUAL(converse(*server, "GET /close HTTP/1.1\r\n\r\n"), "");
  auto half = converse(*server, "GET /truncate HTTP/1.1\r\n\r\n");
  BOOST_CHECK(half.ends_with("Content-Length: 10\r\n\r\n0123"));
  auto begin = std::chrono::steady_clock::now();
  auto late = converse(*server, "GET /delay HTTP/1.1\r\n\r\n");
  BOOST_CHECK(late.ends_with("0123456789"));
  BOOST_CHECK(std::chrono::steady_clock::now() - begin >= 30ms);
}

BOOST_AUTO_TEST_CASE(resets_a_connection_when_asked_to) {
  auto server = serve([](const http_server_request&, const http_reply& reply) {
    reply({.fault = http_fault::reset});
  });
  int socket = connect_to(server->port());
  write_text(socket, "GET / HTTP/1.1\r\n\r\n");
  char byte = 0;
  BOOST_CHECK_EQUAL(::recv(socket, &byte, 1, 0), -1);
  BOOST_CHECK_EQUAL(errno, ECONNRESET);
  ::close(socket);
}

BOOST_AUTO_TEST_CASE(takes_replies_from_other_threads_and_after_its_end) {
  std::mutex mutex;
  std::vector<http_reply> replies;
  auto server = serve(
    [&](const http_server_request&, http_reply reply) {
      std::lock_guard lock{mutex};
      replies.push_back(std::move(reply));
    },
    {.io_threads = 2});
  int socket = connect_to(server->port());
  write_text(socket, "GET / HTTP/1.1\r\n\r\n");
  http_reply reply;
  while (!reply) {
    std::this_thread::yield();
    std::lock_guard lock{mutex};
    if (!replies.empty())
      reply = replies.front();
  }
  server->stop();
  server->stop();
  server.reset();
  reply({.body = "too late"});
  BOOST_CHECK_EQUAL(read_all(socket), "");
  ::close(socket);
}

BOOST_AUTO_TEST_CASE(says_why_it_cannot_listen) {
  auto server = serve(echo_target);
  auto taken = http_server::start({.port = server->port()}, echo_target);
  BOOST_REQUIRE(!taken);
  BOOST_CHECK(taken.error().code == errc::invalid_configuration);
  BOOST_CHECK(has(taken.error().message, std::to_string(server->port())));
  BOOST_CHECK(!http_server::start({.address = "nowhere"}, echo_target));
}

BOOST_AUTO_TEST_SUITE_END()
