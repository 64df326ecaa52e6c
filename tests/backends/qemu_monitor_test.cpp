#include "backends/host/qemu_monitor.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace provision;

BOOST_AUTO_TEST_SUITE(qemu_monitor_test)

namespace {

constexpr auto greeting = "{\"QMP\": {\"capabilities\": []}}\r\n";
constexpr auto done = "{\"return\": {}}\r\n";

/// Answers the first caller: the greeting, then a text to each line.
class scripted_qemu {
public:
  explicit scripted_qemu(std::vector<std::string> answers) {
    auto pattern
      = (std::filesystem::temp_directory_path() / "monitor-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    socket_ = file_descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    path().copy(name.sun_path, sizeof name.sun_path - 1);
    BOOST_REQUIRE_EQUAL(::bind(socket_.number(),
                               reinterpret_cast<const sockaddr*>(&name),
                               sizeof name),
                        0);
    BOOST_REQUIRE_EQUAL(::listen(socket_.number(), 1), 0);
    thread_
      = std::thread{[this, answers = std::move(answers)] { serve(answers); }};
  }

  ~scripted_qemu() {
    // Wakes one that nobody called.
    ::shutdown(socket_.number(), SHUT_RDWR);
    thread_.join();
    std::filesystem::remove_all(folder_);
  }

  std::string path() const { return folder_ + "/control"; }

private:
  void serve(const std::vector<std::string>& answers) const {
    const file_descriptor caller{
      ::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!caller)
      return;
    for (const auto& answer : answers) {
      ::send(caller.number(), answer.data(), answer.size(), MSG_NOSIGNAL);
      char byte = 0;
      while (byte != '\n')
        if (::recv(caller.number(), &byte, 1, 0) <= 0)
          return;
    }
  }

  std::string folder_;
  file_descriptor socket_;
  std::thread thread_;
};

expected<qemu_monitor> call(const scripted_qemu& other,
                            int patience_ms = 5000) {
  return qemu_monitor::connect(other.path(),
                               std::chrono::milliseconds{patience_ms});
}

} // namespace

BOOST_AUTO_TEST_CASE(passes_over_events) {
  const scripted_qemu other{
    {greeting, std::string{"{\"event\": \"RESUME\"}\r\n"} + done,
     "{\"event\": \"STOP\"}\r\n{\"return\": {\"status\": \"paused\"}}\r\n",
     "{\"return\": {\"UUID\": \"1-2\"}}\r\n"}};
  auto monitor = call(other);
  BOOST_REQUIRE(monitor);
  const auto status = monitor->status();
  BOOST_REQUIRE(status);
  BOOST_CHECK_EQUAL(status->state, "paused");
  BOOST_CHECK_EQUAL(status->uuid, "1-2");
}

BOOST_AUTO_TEST_CASE(tells_what_qemu_refuses) {
  const scripted_qemu other{
    {greeting, done, "{\"error\": {\"desc\": \"not now\"}}\r\n"}};
  auto monitor = call(other);
  BOOST_REQUIRE(monitor);
  const auto failed = monitor->press_power_button();
  BOOST_CHECK(failed.code == errc::backend_failure);
  BOOST_CHECK_EQUAL(failed.message, "QEMU refuses system_powerdown: not now");
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_ever) {
  // As when QEMU talks to somebody else.
  const scripted_qemu other{{""}};
  const auto monitor = call(other, 20);
  BOOST_REQUIRE(!monitor);
  BOOST_CHECK(monitor.error().code == errc::deadline_exceeded);
}

BOOST_AUTO_TEST_CASE(notices_the_end) {
  const scripted_qemu other{{greeting}};
  const auto monitor = call(other);
  BOOST_REQUIRE(!monitor);
  BOOST_CHECK_EQUAL(monitor.error().message, "QEMU's monitor hung up");
}

BOOST_AUTO_TEST_CASE(believes_no_nonsense) {
  for (const std::string answer :
       {"nonsense\r\n", "{\"return\": {\"status\": 3}}\r\n"}) {
    const scripted_qemu other{{greeting, done, answer, done}};
    auto monitor = call(other);
    BOOST_REQUIRE(monitor);
    const auto status = monitor->status();
    BOOST_REQUIRE(!status);
    BOOST_CHECK(status.error().code == errc::backend_failure);
  }
}

BOOST_AUTO_TEST_CASE(nobody_there_is_an_error) {
  const auto monitor
    = qemu_monitor::connect("/nowhere/control", std::chrono::milliseconds{20});
  BOOST_REQUIRE(!monitor);
  BOOST_CHECK(monitor.error().message.find("/nowhere/control")
              != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
