#include "explorer/http/beast_transport.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "tests/explorer/raw_server.hpp"
#include "tests/explorer/transport_under_test.hpp"

using namespace provision;
using namespace std::chrono_literals;

/// Several PUTs at a time over one connection.
BOOST_AUTO_TEST_SUITE(pipelining_test)

namespace {

/// Reads until `count` requests without a body have come; fewer if the peer
/// went away.
std::string read_requests(int socket, int count) {
  std::string text;
  char bytes[4096];
  auto have = [&] {
    int ends = 0;
    for (auto at = text.find("\r\n\r\n"); at != std::string::npos;
         at = text.find("\r\n\r\n", at + 4))
      ++ends;
    return ends;
  };
  while (have() < count) {
    auto got = ::recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0)
      break;
    text.append(bytes, static_cast<std::size_t>(got));
  }
  return text;
}

std::string answer_with(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size())
         + "\r\n\r\n" + body;
}

/// Answers whatever comes, one after the other, until the peer goes away.
void answer_each(int socket) {
  while (!read_request(socket).empty())
    write_text(socket, answer_with("alone"));
}

using answers = std::vector<expected<http_response>>;

/// What the requests yield that are sent at once when a first one was answered:
/// a PUT, so that the transport knows how fast the explorer is.
answers put_after_first(http_transport& transport,
                        const std::vector<http_request>& requests,
                        const std::string& first_method = "PUT") {
  std::vector<std::promise<expected<http_response>>> promises(requests.size());
  transport.send({.method = first_method, .target = "/first"}, [&](auto) {
    // On the transport's thread: it takes them all in before it goes on.
    for (std::size_t i = 0; i < requests.size(); ++i)
      transport.send(requests[i], [&, i](auto got) {
        promises[i].set_value(std::move(got));
      });
  });
  answers all;
  for (auto& one : promises)
    all.push_back(one.get_future().get());
  return all;
}

const std::vector<http_request> three_puts{{.method = "PUT", .target = "/a"},
                                           {.method = "PUT", .target = "/b"},
                                           {.method = "PUT", .target = "/c"}};

/// One connection to an explorer that counts as quick however long it takes.
std::shared_ptr<http_transport> quick_transport_to(const raw_server& server) {
  return transport_to(server.url(), {.connections = 1, .quick_answer = 1h});
}

} // namespace

// The server answers none before it has all.
BOOST_AUTO_TEST_CASE(a_quick_explorer_gets_several_puts_at_a_time) {
  raw_server server{[](int socket, int) {
    read_requests(socket, 1);
    write_text(socket, small_answer);
    auto text = read_requests(socket, 3);
    write_text(socket, answer_with("1") + answer_with("22") + "HTTP/1.1 ");
    write_text(socket, "200 OK\r\nContent-Length: 3\r\n\r\n333");
    answer_each(socket);
  }};
  auto transport = quick_transport_to(server);
  auto got = put_after_first(*transport, three_puts);
  BOOST_REQUIRE(got[0] && got[1] && got[2]);
  BOOST_CHECK_EQUAL(got[0]->body + got[1]->body + got[2]->body, "122333");
  // And the connection goes on to be of use.
  BOOST_CHECK(fetch(*transport, {.method = "GET", .target = "/"}));
  BOOST_CHECK_EQUAL(server.accepted(), 1);
}

BOOST_AUTO_TEST_CASE(one_that_is_not_quick_gets_them_one_by_one) {
  std::atomic<int> most = 0;
  raw_server server{[&](int socket, int) {
    for (std::string text; !(text = read_request(socket)).empty();) {
      int puts = 0;
      for (auto at = text.find("PUT "); at != std::string::npos;
           at = text.find("PUT ", at + 1))
        ++puts;
      most = std::max(most.load(), puts);
      write_text(socket, small_answer);
    }
  }};
  auto transport
    = transport_to(server.url(), {.connections = 1, .quick_answer = 0ms});
  for (auto& got : put_after_first(*transport, three_puts))
    BOOST_CHECK(got);
  BOOST_CHECK_EQUAL(most, 1);
}

BOOST_AUTO_TEST_CASE(what_a_closing_server_left_unanswered_is_sent_again) {
  for (const auto* last :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nCon",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokno HTTP at "
        "all\r\n\r\n"}) {
    raw_server server{[&](int socket, int number) {
      if (number > 0)
        return answer_each(socket);
      read_requests(socket, 1);
      write_text(socket, small_answer);
      read_requests(socket, 3);
      write_text(socket, last);
    }};
    auto transport = quick_transport_to(server);
    auto got = put_after_first(*transport, three_puts);
    BOOST_REQUIRE(got[0] && got[1] && got[2]);
    BOOST_CHECK_EQUAL(got[0]->body, "ok");
    BOOST_CHECK_EQUAL(got[1]->body, "alone");
    BOOST_CHECK_EQUAL(got[2]->body, "alone");
    BOOST_CHECK_EQUAL(server.accepted(), 2);
  }
}

BOOST_AUTO_TEST_CASE(the_deadline_of_one_costs_those_beside_it_nothing) {
  raw_server server{[](int socket, int number) {
    if (number > 0)
      return answer_each(socket);
    read_requests(socket, 1);
    write_text(socket, small_answer);
    read_requests(socket, 3);
    read_all(socket);
  }};
  auto transport = quick_transport_to(server);
  auto puts = three_puts;
  puts[1].deadline = 50ms;
  auto got = put_after_first(*transport, puts);
  check_unreachable(got[1], "time-out");
  BOOST_REQUIRE(got[0] && got[2]);
  BOOST_CHECK_EQUAL(got[0]->body + got[2]->body, "alonealone");
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_company_still_gets_each_once_more) {
  raw_server server{[](int socket, int number) {
    read_requests(socket, 1);
    if (number != 1)
      write_text(socket, small_answer);
    if (number == 0)
      read_requests(socket, 3);
  }};
  auto transport = quick_transport_to(server);
  auto got = put_after_first(*transport, three_puts);
  // The first of them meets a connection that says nothing; it was sent twice,
  // which is all that the transport does for anybody.
  check_unreachable(got[0], "receiving failed");
  BOOST_CHECK(got[1] && got[2]);
}

// Neither do answers to polls make an explorer quick, nor a large page make it
// slow: the first PUT goes alone, whatever came before.
BOOST_AUTO_TEST_CASE(how_long_a_poll_takes_says_nothing_of_reports) {
  std::string first_puts;
  raw_server server{[&](int socket, int) {
    read_requests(socket, 1);
    write_text(socket, small_answer);
    first_puts = read_request(socket);
    write_text(socket, answer_with("1"));
    read_requests(socket, 2);
    write_text(socket, answer_with("2") + answer_with("3"));
  }};
  auto transport = quick_transport_to(server);
  auto got = put_after_first(*transport, three_puts, "GET");
  BOOST_REQUIRE(got[0] && got[1] && got[2]);
  BOOST_CHECK_EQUAL(got[0]->body + got[1]->body + got[2]->body, "123");
  BOOST_CHECK(first_puts.find("PUT ") == first_puts.rfind("PUT "));
}

BOOST_AUTO_TEST_CASE(others_than_puts_do_not_share) {
  std::vector<http_request> gets{{.method = "GET", .target = "/a"},
                                 {.method = "GET", .target = "/b"}};
  raw_server server{[](int socket, int) {
    for (std::string text; !(text = read_request(socket)).empty();)
      write_text(socket, text.find("GET ", 4) == std::string::npos
                           ? answer_with("alone")
                           : answer_with("not alone"));
  }};
  auto transport = quick_transport_to(server);
  for (auto& got : put_after_first(*transport, gets)) {
    BOOST_REQUIRE(got);
    BOOST_CHECK_EQUAL(got->body, "alone");
  }
}

BOOST_AUTO_TEST_CASE(those_that_share_are_completed_when_it_ends) {
  raw_server server{[](int socket, int) {
    read_requests(socket, 1);
    write_text(socket, small_answer);
    read_requests(socket, 3);
    read_all(socket);
  }};
  auto transport = quick_transport_to(server);
  std::atomic<int> completed = 0;
  std::promise<void> sent;
  transport->send({.method = "PUT", .target = "/first"}, [&](auto) {
    for (auto& one : three_puts)
      transport->send(one, [&](auto got) { completed += got ? 0 : 1; });
    sent.set_value();
  });
  sent.get_future().wait();
  transport.reset();
  BOOST_CHECK_EQUAL(completed, 3);
}

BOOST_AUTO_TEST_SUITE_END()
