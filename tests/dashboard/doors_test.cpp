// What the dashboard's listener gives away, and to whom.
#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "messages/json/json.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/support/node_under_test.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(doors_test)

namespace {

std::string answer_of(int fd, const sockaddr* address, socklen_t size,
                      const std::string& request) {
  std::string answer;
  timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd, address, size) == 0) {
    ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    std::array<char, 16384> buffer{};
    for (ssize_t got = 0;
         (got = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
      answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return answer;
}

struct doors_town : process_town {
  doors_town()
    : process_town{"[dashboard]\nlisten = \"127.0.0.1:0\"\n"
                   "host = \"node-7.example\"\n"} {}

  std::uint16_t port() const {
    std::size_t at = std::string::npos;
    BOOST_REQUIRE(eventually([&] {
      at = node.log().find("port=", node.log().find("the dashboard is served"));
      return at != std::string::npos;
    }));
    return static_cast<std::uint16_t>(std::stoul(node.log().substr(at + 5)));
  }

  std::string over_tcp(const std::string& line,
                       const std::string& headers = "Host: localhost\r\n") {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return answer_of(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                     reinterpret_cast<sockaddr*>(&address), sizeof address,
                     line + " HTTP/1.0\r\n" + headers + "\r\n");
  }

  std::string over_socket(const std::string& line,
                          const std::string& headers) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto path = node.data_dir() + "/api.sock";
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return answer_of(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                     reinterpret_cast<sockaddr*>(&address), sizeof address,
                     line + " HTTP/1.0\r\n" + headers + "\r\n");
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(it_answers_what_the_page_asks_and_takes_no_orders,
                        doors_town) {
  start();
  for (auto* target :
       {"/dashboard/", "/v1/status", "/v1/capacity", "/v1/types", "/v1/waiting",
        "/v1/quarantine?limit=50", "/v1/outbox", "/v1/reservations?limit=10",
        "/v1/events?last=10", "/metrics"}) {
    auto answer = over_tcp("GET " + std::string{target});
    says(answer, " 200 OK");
    says(answer, "Content-Security-Policy: default-src 'none'");
    says(answer, "X-Content-Type-Options: nosniff");
  }
  for (auto* line :
       {"POST /v1/intake/pause", "POST /v1/cordon", "POST /v1/status",
        "POST /v1/reservations/1-1/cancel", "GET /v1/capacity/audit",
        "GET /v1/quarantine/1-1", "GET /v1/intake/pause", "GET /livez",
        "GET /v1/status/", "GET http://x/v1/status", "HEAD /v1/status"})
    says(over_tcp(line), " 404 Not Found");
  says(over_tcp("POST /v1/reservations/1-1/cancel",
                "Host: localhost\r\nOrigin: http://localhost\r\n"),
       " 404 Not Found");
  says(over_tcp("GET /v1/status"), "\"intake_held\":false");
}

BOOST_FIXTURE_TEST_CASE(only_who_calls_the_node_by_its_name_is_answered,
                        doors_town) {
  start();
  for (auto* host : {"127.0.0.1", "localhost:1", "[::1]", "NODE-7.example:443"})
    says(over_tcp("GET /v1/status", "Host: " + std::string{host} + "\r\n"),
         " 200 OK");
  for (auto* host : {"evil.example", "localhost.evil.example", "node", ""})
    for (auto* target : {"/v1/status", "/dashboard/", "/"}) {
      auto answer = over_tcp("GET " + std::string{target},
                             "Host: " + std::string{host} + "\r\n");
      says(answer, " 421 ");
      BOOST_CHECK(answer.find("node_id") == std::string::npos);
    }
  says(over_tcp("GET /v1/status", "Host: localhost\r\nSec-Fetch-Site: "
                                  "cross-site\r\nSec-Fetch-Mode: no-cors\r\n"),
       " 403 Forbidden");
}

BOOST_FIXTURE_TEST_CASE(the_socket_shows_it_too_and_obeys_no_web_page,
                        doors_town) {
  start();
  says(over_socket("GET /dashboard/", "Host: node\r\n"),
       "Content-Encoding: gzip");
  says(over_socket("GET /v1/status", "Host: node\r\n"), " 200 OK");
  says(over_socket("GET /v1/status", "Host: evil.example\r\n"),
       " 403 Forbidden");
  for (auto* origin : {"http://localhost:8080", "https://evil.example", "null"})
    says(over_socket("POST /v1/intake/pause",
                     "Host: localhost:8080\r\nOrigin: " + std::string{origin}
                       + "\r\nContent-Length: 0\r\n"),
         " 403 Forbidden");
  says(over_socket("GET /v1/status", "Host: node\r\n"),
       "\"intake_held\":false");
  // Who is no browser may, as before.
  says(
    over_socket("POST /v1/intake/pause", "Host: node\r\nContent-Length: 0\r\n"),
    " 200 OK");
}

BOOST_FIXTURE_TEST_CASE(nothing_that_it_reads_holds_a_secret, doors_town) {
  auto zdb = explorer->golden("zdb");
  std::get<documents::zdb>(zdb.content).password = "deadbeefcafe5ec2e7";
  start();
  auto id = gwid(explorer->create(zdb));
  BOOST_REQUIRE(eventually([&] {
    return over_tcp("GET /v1/reservations").find(id) != std::string::npos;
  }));
  for (auto& target :
       {std::string{"/v1/reservations"}, "/v1/reservations/" + id,
        "/v1/reservations/" + id + "?document=true",
        "/v1/reservations/" + id + "/explanation", std::string{"/v1/events"},
        std::string{"/v1/quarantine"}, std::string{"/v1/waiting"},
        std::string{"/v1/outbox?parked=true"}}) {
    auto answer = over_tcp("GET " + target);
    says(answer, " 200 OK");
    BOOST_CHECK_MESSAGE(answer.find("deadbeefcafe5ec2e7") == std::string::npos,
                        target);
    BOOST_CHECK_MESSAGE(answer.find("\"document\"") == std::string::npos,
                        target);
  }
  // It is there for those who may see it.
  says(over_socket("GET /v1/reservations/" + id + "?document=true",
                   "Host: node\r\n"),
       "deadbeefcafe5ec2e7");
}

BOOST_FIXTURE_TEST_CASE(it_is_not_served_over_tcp_unless_asked_for,
                        process_town) {
  start();
  BOOST_CHECK(node.log().find("the dashboard is served") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
