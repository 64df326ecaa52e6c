#include "daemon/service_manager.hpp"

#include <boost/test/unit_test.hpp>

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>

using provision::service_manager;

namespace service_manager_test {
namespace {

/// The service manager's end of a notify socket.
struct manager_socket {
  /// A leading '@' stands for the abstract namespace.
  explicit manager_socket(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@')
      address.sun_path[0] = '\0';
    fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    auto size = offsetof(sockaddr_un, sun_path) + name.size();
    BOOST_REQUIRE_EQUAL(::bind(fd, reinterpret_cast<sockaddr*>(&address),
                               static_cast<socklen_t>(size)),
                        0);
  }
  manager_socket(const manager_socket&) = delete;
  manager_socket& operator=(const manager_socket&) = delete;
  ~manager_socket() { ::close(fd); }

  /// The next message; empty if there is none.
  std::string hear() const {
    char buffer[256];
    auto size = ::recv(fd, buffer, sizeof buffer, 0);
    return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : "";
  }

  int fd = -1;
};

struct scratch {
  scratch() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "notify-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { std::filesystem::remove_all(folder); }

  std::string folder;
};

} // namespace
} // namespace service_manager_test

BOOST_FIXTURE_TEST_SUITE(service_manager_test, scratch)

BOOST_AUTO_TEST_CASE(tells_ready_status_and_stopping) {
  manager_socket systemd{folder + "/socket"};
  service_manager manager{folder + "/socket"};
  manager.ready("applying reservations");
  manager.status("7 waiting");
  manager.stopping();
  BOOST_CHECK_EQUAL(systemd.hear(), "READY=1\nSTATUS=applying reservations");
  BOOST_CHECK_EQUAL(systemd.hear(), "STATUS=7 waiting");
  BOOST_CHECK_EQUAL(systemd.hear(), "STOPPING=1");
}

BOOST_AUTO_TEST_CASE(tells_that_it_starts_lives_and_reads_again) {
  manager_socket systemd{folder + "/socket"};
  service_manager manager{folder + "/socket"};
  manager.starting("counting 7 records", std::chrono::seconds{30});
  manager.alive();
  manager.reloading();
  BOOST_CHECK_EQUAL(systemd.hear(), "EXTEND_TIMEOUT_USEC=30000000\n"
                                    "STATUS=counting 7 records");
  BOOST_CHECK_EQUAL(systemd.hear(), "WATCHDOG=1");
  auto said = systemd.hear();
  BOOST_CHECK(said.starts_with("RELOADING=1\nMONOTONIC_USEC="));
  BOOST_CHECK_GT(std::stoll(said.substr(said.rfind('=') + 1)), 0);
}

BOOST_AUTO_TEST_CASE(knows_how_often_the_watchdog_wants_to_hear) {
  using provision::watchdog_period;
  BOOST_CHECK(watchdog_period("30000000", nullptr, 7)
              == std::chrono::seconds{30});
  BOOST_CHECK(watchdog_period("30000000", "7", 7) == std::chrono::seconds{30});
  BOOST_CHECK(!watchdog_period("30000000", "8", 7));
  BOOST_CHECK(!watchdog_period(nullptr, nullptr, 7));
  for (auto* text : {"", "0", "-1", "1s", "99999999999999999999"})
    BOOST_CHECK_MESSAGE(!watchdog_period(text, nullptr, 7), text);
}

BOOST_AUTO_TEST_CASE(finds_a_socket_in_the_abstract_namespace) {
  auto name = "@provision-test-" + std::to_string(::getpid());
  manager_socket systemd{name};
  service_manager{name}.stopping();
  BOOST_CHECK_EQUAL(systemd.hear(), "STOPPING=1");
}

BOOST_AUTO_TEST_CASE(is_silent_without_a_service_manager) {
  service_manager{""}.ready("nobody hears it");
  service_manager{folder + "/absent"}.ready("nobody hears it");
  service_manager{std::string(300, 'x')}.ready("nobody hears it");
}

BOOST_AUTO_TEST_CASE(a_manager_that_does_not_read_keeps_nobody_for_long) {
  manager_socket systemd{folder + "/socket"};
  int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder + "/socket").copy(address.sun_path, sizeof address.sun_path - 1);
  // Until its queue is full.
  while (::sendto(fd, "x", 1, 0, reinterpret_cast<sockaddr*>(&address),
                  sizeof address)
         == 1)
    continue;
  ::close(fd);
  auto before = std::chrono::steady_clock::now();
  service_manager{folder + "/socket"}.stopping();
  BOOST_CHECK(std::chrono::steady_clock::now() - before
              < std::chrono::seconds{4});
}

BOOST_AUTO_TEST_SUITE_END()
