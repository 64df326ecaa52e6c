// The numbers of a real node, over both of its doors.
#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "messages/json/json.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/support/exposition.hpp"
#include "tests/support/node_under_test.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;
using provision::testing::a_volume;

namespace metrics_test {
namespace {

/// The whole answer to one request, or nothing if nobody listens.
std::string ask(int fd, const sockaddr* address, socklen_t size,
                const std::string& request) {
  std::string answer;
  timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd, address, size) == 0) {
    ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    char buffer[16384];
    for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return answer;
}

std::string request_line(const std::string& method, const std::string& target) {
  return method + " " + target
         + " HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
}

std::string body_of(const std::string& answer) {
  auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string{} : answer.substr(end + 4);
}

struct household {
  void start(const std::string& more) {
    auto made = run({"identity", "new", "--data-dir", node.data_dir()});
    auto what = a_volume("100-1");
    what.node_id = made.out.substr(0, made.out.find('\n'));
    auto file = node.write("given.jsonl", *json::write(what) + "\n");
    node.start({"run", "--config",
                node.configure("http://127.0.0.1:1",
                               "[replay]\nfile = \"" + file
                                 + "\"\nsignatures = \"off\"\n" + more)});
  }

  std::uint16_t metrics_port() const {
    auto log = node.log();
    auto at = log.find("metrics are served");
    at = at == std::string::npos ? at : log.find("port=", at);
    return at == std::string::npos
             ? std::uint16_t{0}
             : static_cast<std::uint16_t>(std::stoul(log.substr(at + 5)));
  }

  std::string over_tcp(const std::string& method,
                       const std::string& target) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(metrics_port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ask(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
               reinterpret_cast<sockaddr*>(&address), sizeof address,
               request_line(method, target));
  }

  std::string over_socket(const std::string& target) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto path = node.data_dir() + "/api.sock";
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return ask(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
               reinterpret_cast<sockaddr*>(&address), sizeof address,
               request_line("GET", target));
  }

  node_process node = {};
};

} // namespace
} // namespace metrics_test

BOOST_FIXTURE_TEST_SUITE(metrics_test, household)

BOOST_AUTO_TEST_CASE(a_loopback_address_serves_health_and_metrics_only) {
  start("[metrics]\nlisten = \"127.0.0.1:0\"\n");
  BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  BOOST_REQUIRE(eventually([&] { return metrics_port() != 0; }));
  BOOST_REQUIRE(eventually([&] {
    return over_tcp("GET", "/metrics")
             .find("\nprovisiond_provisioned_total 1\n")
           != std::string::npos;
  }));
  says(over_tcp("GET", "/livez"), "ok\n");
  BOOST_REQUIRE(eventually([&] {
    return over_tcp("GET", "/readyz?verbose").find("[-] explorer: ")
           != std::string::npos;
  }));
  // Local work goes on without it.
  says(over_tcp("GET", "/readyz?verbose"), "200 OK");
  for (auto* target :
       {"/v1/status", "/v1/reservations", "/v1/quarantine", "/", "/metrics/x",
        "/../v1/status", "//v1/status", "http://x/v1/status"})
    says(over_tcp("GET", target), "404 Not Found");
  for (auto* target : {"/v1/intake/pause", "/metrics"})
    says(over_tcp("POST", target), "404 Not Found");
  says(over_tcp("GET", "/readyz"), "ready\n");
}

BOOST_AUTO_TEST_CASE(real_metrics_are_sound_and_measured_on_the_disk) {
  start("");
  BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  std::string text;
  BOOST_REQUIRE(eventually([&] {
    text = body_of(over_socket("/metrics"));
    return text.find("\nprovisiond_provisioned_total 1\n") != std::string::npos
           && text.find("\nprovisiond_outcomes_total 1\n") != std::string::npos
           && text.find("\nprovisiond_poll_failures_total 0\n")
                == std::string::npos;
  }));
  // No TCP port unless one was asked for.
  BOOST_CHECK_EQUAL(metrics_port(), 0);
  auto all = read_exposition(text);
  BOOST_CHECK_GE(all.size(), 60U);
  auto& synced = family_of(all, "provisiond_store_sync_seconds");
  BOOST_CHECK_GE(synced.value({}, "_count"), 2);
  BOOST_CHECK_GT(synced.value({}, "_sum"), 0);
  BOOST_CHECK_GT(family_of(all, "provisiond_store_written_bytes_total").value(),
                 100);
  BOOST_CHECK_GT(family_of(all, "provisiond_recovery_seconds").value(), 0);
  BOOST_CHECK_GE(family_of(all, "provisiond_poll_failures_total").value(), 1);
  BOOST_CHECK_EQUAL(family_of(all, "provisiond_controller_up").value(), 0);
#ifdef PROMTOOL
  auto checked
    = run_program("/bin/sh", {"-c", "'" PROMTOOL "' check metrics < '"
                                      + node.write("metrics.txt", text) + "'"});
  BOOST_CHECK_MESSAGE(checked.code == 0 && checked.err.empty(),
                      checked.out + checked.err);
#endif
}

BOOST_AUTO_TEST_CASE(an_address_that_others_can_reach_needs_a_word) {
  start("[metrics]\nlisten = \"0.0.0.0:0\"\n");
  auto end = node.wait();
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 2);
  says(end->out + end->err, "metrics.reach = \"anywhere\"");
}

BOOST_AUTO_TEST_SUITE_END()
