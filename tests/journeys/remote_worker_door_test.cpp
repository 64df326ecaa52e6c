#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "backends/host/file_descriptor.hpp"
#include "tests/journeys/two_hosts.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace remote_worker_door_test {
namespace {

file_descriptor knock(int port) {
  file_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE_EQUAL(::connect(socket.number(),
                                reinterpret_cast<const sockaddr*>(&at),
                                sizeof at),
                      0);
  return socket;
}

/// Whether nobody has closed the other end.
bool is_open(const file_descriptor& socket) {
  char byte = 0;
  return ::recv(socket.number(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/// Speaks something else than TLS.
void send_garbage(int port) {
  const auto stranger = knock(port);
  const auto socket = stranger.number();
  const std::string text = "GET / HTTP/1.1\r\n\r\n";
  BOOST_CHECK(::send(socket, text.data(), text.size(), MSG_NOSIGNAL) > 0);
  char answer[256];
  while (::recv(socket, answer, sizeof answer, 0) > 0) {
  }
}

} // namespace
} // namespace remote_worker_door_test

using remote_worker_door_test::is_open;
using remote_worker_door_test::knock;
using remote_worker_door_test::send_garbage;

BOOST_FIXTURE_TEST_SUITE(remote_worker_door_test, two_hosts)

BOOST_AUTO_TEST_CASE(a_daemon_without_the_right_certificate_gets_no_worker) {
  start_storage();
  const authority stranger;
  for (const auto& [by, name] :
       {std::pair{&stranger, daemon_name},
        std::pair{static_cast<const authority*>(&issuer),
                  "DNS:node-2.example"}}) {
    certify(node, *by, name);
    start_node();
    const auto waits = explorer->create(explorer->volume());
    BOOST_REQUIRE(eventually([&] {
      return storage.log().find("turned away: 127.0.0.1 failed the TLS "
                                "handshake: certificate verify failed")
             != std::string::npos;
    }));
    BOOST_CHECK_EQUAL(worker(), 0);
    BOOST_CHECK(!answered(waits));
    node.signal(SIGKILL);
    BOOST_REQUIRE(node.wait());
    storage.signal(SIGKILL);
    BOOST_REQUIRE(storage.wait());
    start_storage();
  }
}

BOOST_AUTO_TEST_CASE(a_worker_without_the_right_certificate_gets_no_work) {
  const authority stranger;
  for (const auto& [by, name, verdict] :
       {std::tuple{&stranger, worker_name, "certificate verify failed"},
        std::tuple{static_cast<const authority*>(&issuer), "IP:127.0.0.2",
                   "mismatch"}}) {
    certify(storage, *by, name);
    start();
    const auto waits = explorer->create(explorer->volume());
    BOOST_REQUIRE(eventually([&] {
      return node.log().find("failed the TLS handshake") != std::string::npos;
    }));
    says(node.log(), verdict);
    BOOST_CHECK(!answered(waits));
    BOOST_CHECK(!std::filesystem::exists(folder(waits)));
    for (auto* one : {&node, &storage}) {
      one->signal(SIGKILL);
      BOOST_REQUIRE(one->wait());
    }
  }
}

BOOST_AUTO_TEST_CASE(strangers_do_not_disturb_the_work) {
  start();
  make_one();
  const auto served = worker();
  for (int i = 0; i < 20; ++i)
    send_garbage(port);
  make_one();
  BOOST_CHECK_EQUAL(worker(), served);
}

BOOST_AUTO_TEST_CASE(silent_strangers_do_not_keep_the_daemon_out) {
  start_storage();
  std::vector<file_descriptor> strangers;
  for (int i = 0; i < 40; ++i)
    strangers.push_back(knock(port));
  start_node();
  make_one();
  // It did not wait until they had to go: most who find room are still there.
  BOOST_CHECK_EQUAL(std::ranges::count_if(strangers, is_open), 15);
  BOOST_CHECK(!is_open(strangers.front()));
  BOOST_CHECK(is_open(strangers.back()));
}

BOOST_AUTO_TEST_SUITE_END()
