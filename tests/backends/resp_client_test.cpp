#include "backends/host/resp_client.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/eventfd.h>

#include "tests/support/scripted_server.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(resp_client_test)

namespace {

using kind = resp_answer::kind;
using server = scripted_server;

constexpr std::chrono::milliseconds soon{50};
const resp_command ping{"PING"};
/// As the protocol has it.
constexpr std::string_view ping_text = "*1\r\n$4\r\nPING\r\n";

/// What a client makes of a server that answers PING with this, and hangs up
/// if it is told to.
expected<resp_answer> answer_to(std::string text, resp_limits limits = {},
                                bool hangs_up = false) {
  const server peer{[=](int client) {
    server::hear(client, ping_text.size());
    server::say(client, text);
    if (!hangs_up)
      server::wait_for_end(client);
  }};
  // Hangs up before its server ends.
  auto client = resp_client::connect(peer.path(), limits);
  BOOST_REQUIRE(client);
  return client->ask(ping);
}

errc code_of(const expected<resp_answer>& answer) {
  return answer ? errc::none : answer.error().code;
}

} // namespace

BOOST_AUTO_TEST_CASE(understands_every_kind_of_answer) {
  BOOST_CHECK_EQUAL(answer_to("+PONG\r\n")->text, "PONG");
  const auto refusal = answer_to("-ERR no\r\n");
  BOOST_CHECK(refusal->is == kind::refusal);
  BOOST_CHECK_EQUAL(refusal->text, "ERR no");
  BOOST_CHECK_EQUAL(answer_to(":-7\r\n")->number, -7);
  BOOST_CHECK(answer_to("$-1\r\n")->is == kind::nothing);
  const auto list = answer_to("*2\r\n$4\r\nwith\r\n*1\r\n:1\r\n");
  BOOST_REQUIRE_EQUAL(list->items.size(), 2);
  BOOST_CHECK_EQUAL(list->items[0].text, "with");
  BOOST_CHECK_EQUAL(list->items[1].items.at(0).number, 1);
}

BOOST_AUTO_TEST_CASE(sends_any_bytes_and_hears_answers_in_order) {
  const std::string wanted = "*2\r\n$3\r\nSET\r\n$4\r\na\r\n\xff\r\n"
                             "*1\r\n$4\r\nPING\r\n";
  std::string heard;
  {
    const server peer{[&](int client) {
      heard = server::hear(client, wanted.size());
      server::say(client, "+first\r\n+sec");
      server::say(client, "ond\r\n");
      server::wait_for_end(client);
    }};
    auto client = resp_client::connect(peer.path());
    BOOST_REQUIRE(client);
    const auto answers
      = client->ask(std::vector<resp_command>{{"SET", "a\r\n\xff"}, {"PING"}});
    BOOST_REQUIRE(answers);
    BOOST_REQUIRE_EQUAL(answers->size(), 2);
    BOOST_CHECK_EQUAL((*answers)[0].text, "first");
    BOOST_CHECK_EQUAL((*answers)[1].text, "second");
  }
  BOOST_CHECK_EQUAL(heard, wanted);
}

BOOST_AUTO_TEST_CASE(says_when_nobody_listens) {
  BOOST_CHECK(!resp_client::connect("/nonexistent/socket"));
  BOOST_CHECK(resp_client::connect('/' + std::string(200, 'x')).error().code
              == errc::invalid_configuration);
  // Nothing listens at this port.
  BOOST_CHECK(
    !resp_client::connect(workloads::parse_ip("127.0.0.1").value(), 1));
  BOOST_CHECK(!resp_client::connect(workloads::parse_ip("::1").value(), 1));
}

BOOST_AUTO_TEST_CASE(says_when_the_server_hangs_up) {
  BOOST_CHECK(code_of(answer_to("+PO", {}, /*hangs_up=*/true))
              == errc::backend_failure);
}

BOOST_AUTO_TEST_CASE(waits_no_longer_than_told_also_for_a_slow_answer) {
  BOOST_CHECK(code_of(answer_to("", {.patience = soon}))
              == errc::deadline_exceeded);
  const server peer{[](int client) {
    // A byte now and then keeps no conversation going.
    std::string_view drop = "+";
    for (pollfd event{client, POLLRDHUP, 0};
         ::poll(&event, 1, 5) == 0
         && ::send(client, drop.data(), 1, MSG_NOSIGNAL) == 1;)
      drop = "x";
  }};
  auto client = resp_client::connect(peer.path(), {.patience = soon});
  BOOST_REQUIRE(client);
  BOOST_CHECK(code_of(client->ask(ping)) == errc::deadline_exceeded);
}

BOOST_AUTO_TEST_CASE(bears_with_no_flood_and_no_nonsense) {
  const resp_limits little{.answer_bytes_max = 100};
  BOOST_CHECK(code_of(answer_to('+' + std::string(200, 'x') + "\r\n", little))
              == errc::backend_failure);
  // An announcement alone must not take memory.
  BOOST_CHECK(code_of(answer_to("*2000000000\r\n")) == errc::backend_failure);
  BOOST_CHECK(code_of(answer_to("HTTP/1.1 400 Bad Request\r\n\r\n"))
              == errc::backend_failure);
  std::string deep;
  for (int i = 0; i < 50; ++i)
    deep += "*1\r\n";
  BOOST_CHECK(code_of(answer_to(deep + ":1\r\n")) == errc::backend_failure);
}

BOOST_AUTO_TEST_CASE(stops_at_once_when_nobody_waits_any_more) {
  const file_descriptor bell{::eventfd(1, EFD_CLOEXEC)};
  BOOST_CHECK(code_of(answer_to("", {.patience = std::chrono::hours{1},
                                     .interruption = bell.number()}))
              == errc::shutting_down);
}

BOOST_AUTO_TEST_SUITE_END()
