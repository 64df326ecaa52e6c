// Clients of the local API that mean no good, or mean well and are broken: the
// engine does not notice them, and the API outlives them.
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string_view>

#include "tests/journeys/process_town.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace hostile_clients_test {
namespace {

/// One connection to the API that waits for nothing.
class rude_client {
public:
  explicit rude_client(const std::string& path)
    : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    is_connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address),
                              sizeof address)
                    == 0;
  }
  rude_client(rude_client&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, is_connected_{other.is_connected_} {}
  rude_client& operator=(rude_client&&) = delete;
  ~rude_client() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  bool is_connected() const { return is_connected_; }
  /// Bytes that the kernel took.
  std::size_t send(std::string_view text) const {
    auto size = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  /// What came so far.
  std::string read() const {
    std::array<char, 4096> buffer{};
    auto size = ::recv(fd_, buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size))
                    : std::string{};
  }
  bool is_closed_by_the_node() const {
    char byte = 0;
    return ::recv(fd_, &byte, 1, MSG_PEEK) == 0 || errno == ECONNRESET;
  }

private:
  int fd_ = -1;
  bool is_connected_ = false;
};

/// In KiB, as memory is told. The address sanitizer keeps what was freed.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t mebibyte = 8U << 10U;
#else
constexpr std::size_t mebibyte = 1U << 10U;
#endif

struct besieged : process_town {
  std::vector<rude_client> connect(std::size_t count) const {
    std::vector<rude_client> all;
    for (std::size_t i = 0; i < count; ++i)
      all.emplace_back(node.data_dir() + "/api.sock");
    return all;
  }

  /// Several volumes are asked for, made and reported, whatever else goes on.
  void engine_goes_on() {
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 5; ++i)
      ids.push_back(explorer->create(explorer->volume()));
    for (auto id : ids)
      BOOST_CHECK(eventually([&] { return is_told("result " + gwid(id)); }));
  }

  bool api_answers() const {
    return run_program(PROVISIONCTL, {"--data-dir", node.data_dir(), "status"})
             .code
           == 0;
  }
  void api_comes_back() const {
    BOOST_CHECK(eventually([&] { return api_answers(); }, 60s));
  }

  std::size_t descriptors() const {
    std::filesystem::directory_iterator all{
      "/proc/" + std::to_string(node.pid()) + "/fd"};
    return static_cast<std::size_t>(
      std::distance(all, std::filesystem::directory_iterator{}));
  }

  /// Resident memory of the daemon, KiB.
  std::size_t memory() const {
    std::ifstream file{"/proc/" + std::to_string(node.pid()) + "/status"};
    for (std::string word; file >> word;)
      if (word == "VmRSS:") {
        std::size_t size = 0;
        file >> size;
        return size;
      }
    return 0;
  }
};

} // namespace
} // namespace hostile_clients_test

BOOST_FIXTURE_TEST_SUITE(hostile_clients_test, besieged)

BOOST_AUTO_TEST_CASE(slow_senders_hold_up_nobody_but_themselves) {
  start();
  auto clients = connect(40);
  std::string_view request = "GET /v1/status HTTP/1.1\r\nHost: x\r\n";
  // A byte now and then, while the engine works.
  for (std::size_t at = 0; at < 4; ++at) {
    for (auto& one : clients)
      one.send(request.substr(at, 1));
    engine_goes_on();
  }
  clients.clear();
  api_comes_back();
  stop();
}

BOOST_AUTO_TEST_CASE(clients_that_never_read_are_let_go) {
  start();
  engine_goes_on();
  auto clients = connect(32);
  std::string many;
  for (int i = 0; i < 200; ++i)
    many += "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  for (auto& one : clients)
    one.send(many);
  auto before = memory();
  engine_goes_on();
  // Not one of them has gone: it is the node that gives up on them.
  api_comes_back();
  engine_goes_on();
  BOOST_CHECK_LT(memory(), before + 64 * mebibyte);
  // Whoever begins to read just in time is let go when nothing follows.
  for (auto& one : clients) {
    BOOST_CHECK(eventually(
      [&] {
        while (!one.read().empty()) {
        }
        return one.is_closed_by_the_node();
      },
      120s));
  }
  stop();
}

BOOST_AUTO_TEST_CASE(followers_that_never_read_leave_room_for_others) {
  start();
  auto clients = connect(20);
  for (auto& one : clients)
    one.send("GET /v1/events?last=1000 HTTP/1.1\r\nHost: x\r\n"
             "Accept: text/event-stream\r\n\r\n");
  engine_goes_on();
  // Some of the twenty were one too many, and were told so.
  BOOST_CHECK(eventually([&] {
    std::size_t refused = 0;
    for (auto& one : clients)
      if (one.read().find("503") != std::string::npos)
        ++refused;
    return refused > 0;
  }));
  BOOST_CHECK(api_answers());
  stop();
}

BOOST_AUTO_TEST_CASE(a_thousand_connections_take_a_few_descriptors) {
  start();
  auto before = descriptors();
  auto clients = connect(1000);
  std::size_t connected = 0;
  for (auto& one : clients)
    connected += one.is_connected() ? 1 : 0;
  BOOST_CHECK_GT(connected, 100U);
  engine_goes_on();
  BOOST_CHECK_LT(descriptors(), before + 64);
  clients.clear();
  api_comes_back();
  stop();
}

BOOST_AUTO_TEST_CASE(half_requests_leave_nothing_behind) {
  start();
  api_comes_back();
  engine_goes_on();
  auto before = descriptors();
  for (int round = 0; round < 20; ++round)
    for (auto& one : connect(25))
      one.send(round % 2 == 0 ? "GET /v1/sta"
                              : "POST /v1/reservations HTTP/1.1\r\nHost: x\r\n"
                                "Content-Length: 900000\r\n\r\n{\"id\":");
  engine_goes_on();
  api_comes_back();
  BOOST_CHECK(eventually([&] { return descriptors() <= before + 4; }));
  says(run_program(PROVISIONCTL, {"--data-dir", node.data_dir(), "status"}).out,
       "10 provisioned");
  stop();
}

BOOST_AUTO_TEST_CASE(huge_headers_and_bodies_are_refused_without_being_kept) {
  start();
  auto before = memory();
  auto clients = connect(30);
  const std::string header(1U << 20U, 'x');
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].send(i % 2 == 0 ? "GET /v1/status HTTP/1.1\r\nX-Much: "
                               : "POST /v1/plan HTTP/1.1\r\nHost: x\r\n"
                                 "Content-Length: 99999999\r\n\r\n");
    clients[i].send(header);
  }
  engine_goes_on();
  std::size_t refused = 0;
  for (auto& one : clients)
    BOOST_CHECK(eventually([&] {
      auto text = one.read();
      bool is_refusal
        = text.starts_with("HTTP/1.1 431") || text.starts_with("HTTP/1.1 413");
      refused += is_refusal ? 1 : 0;
      return is_refusal || one.is_closed_by_the_node();
    }));
  BOOST_CHECK_GT(refused, 0U);
  BOOST_CHECK_LT(memory(), before + 48 * mebibyte);
  clients.clear();
  api_comes_back();
  stop();
}

BOOST_AUTO_TEST_SUITE_END()
