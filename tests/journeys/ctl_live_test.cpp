// Commands that go on for a while, on a terminal and without one.
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <algorithm>
#include <array>
#include <set>

#include "tests/journeys/household.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace ctl_live_test {
namespace {

/// provisionctl on a terminal of its own.
class on_a_terminal {
public:
  explicit on_a_terminal(const std::vector<std::string>& words) {
    std::vector<char*> argv{const_cast<char*>(PROVISIONCTL)};
    for (auto& word : words)
      argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    winsize size{.ws_row = 40, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    int slave = -1;
    BOOST_REQUIRE_EQUAL(::openpty(&master_, &slave, nullptr, nullptr, &size),
                        0);
    ::tcgetattr(slave, &before_);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::login_tty(slave);
      ::execv(PROVISIONCTL, argv.data());
      ::_exit(127);
    }
    // Kept open, so that its settings can be looked at afterwards.
    slave_ = slave;
    ::fcntl(master_, F_SETFL, O_NONBLOCK);
  }
  on_a_terminal(const on_a_terminal&) = delete;
  on_a_terminal& operator=(const on_a_terminal&) = delete;
  ~on_a_terminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(master_);
    ::close(slave_);
  }

  const std::string& shown() {
    std::array<char, 4096> buffer{};
    for (ssize_t size;
         (size = ::read(master_, buffer.data(), buffer.size())) > 0;)
      shown_.append(buffer.data(), static_cast<std::size_t>(size));
    return shown_;
  }
  bool comes_to_show(const std::string& part) {
    return eventually([&] { return shown().find(part) != std::string::npos; });
  }
  void type(char key) { BOOST_CHECK_EQUAL(::write(master_, &key, 1), 1); }
  void signal(int number) { ::kill(pid_, number); }

  /// Its exit code; minus the signal that ended it.
  int wait() {
    int status = 0;
    BOOST_REQUIRE(eventually([&] {
      shown();
      return ::waitpid(pid_, &status, WNOHANG) == pid_;
    }));
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  bool is_as_before() {
    termios now{};
    ::tcgetattr(slave_, &now);
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag;
  }
  bool is_raw() {
    termios now{};
    ::tcgetattr(slave_, &now);
    return (now.c_lflag & static_cast<tcflag_t>(ECHO)) == 0;
  }

private:
  int master_ = -1;
  int slave_ = -1;
  pid_t pid_ = -1;
  termios before_ = {};
  std::string shown_ = {};
};

constexpr const char* enters = "\x1b[?1049h\x1b[?25l";
constexpr const char* leaves = "\x1b[?25h\x1b[?1049l";

std::size_t times(const std::string& part, const std::string& text) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++count;
  return count;
}

} // namespace
} // namespace ctl_live_test

BOOST_FIXTURE_TEST_SUITE(ctl_live_test, household)

BOOST_AUTO_TEST_CASE(top_gives_the_terminal_back_however_it_ends) {
  start();
  give(volume("100-1"), "100-1");
  for (int number : {0, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    on_a_terminal top{
      {"--data-dir", node.data_dir(), "top", "--interval", "50ms"}};
    BOOST_REQUIRE(top.comes_to_show("Last decisions"));
    says(top.shown(), enters);
    says(top.shown(), node_id);
    BOOST_CHECK(top.is_raw());
    // It is kept fresh.
    BOOST_CHECK(
      eventually([&] { return times("Last decisions", top.shown()) > 2; }));
    if (number == 0)
      top.type('q');
    else
      top.signal(number);
    BOOST_CHECK_EQUAL(top.wait(), 0);
    BOOST_CHECK(top.shown().ends_with(leaves));
    BOOST_CHECK(top.is_as_before());
  }
  // The daemon goes: the reason stands on the user's own screen.
  on_a_terminal top{
    {"--data-dir", node.data_dir(), "top", "--interval", "50ms"}};
  BOOST_REQUIRE(top.comes_to_show("Last decisions"));
  stop();
  BOOST_CHECK_EQUAL(top.wait(), 4);
  auto& shown = top.shown();
  BOOST_CHECK_LT(shown.find(leaves), shown.find("is provisiond running"));
  BOOST_CHECK(top.is_as_before());
}

BOOST_AUTO_TEST_CASE(pictures_go_to_a_pipe_as_plain_text) {
  start();
  give(volume("100-1"), "100-1");
  auto top = ends(0, {"top", "--count", "2", "--interval", "10ms"});
  BOOST_CHECK_EQUAL(times("Last decisions", top.out), 2U);
  BOOST_CHECK_EQUAL(top.out.find('\x1b'), std::string::npos);
  auto listed
    = ends(0, {"list", "--watch", "--count", "3", "--interval", "10ms"});
  BOOST_CHECK_EQUAL(times("100-1", listed.out), 3U);
  auto status = ends(
    0, {"--json", "status", "--watch", "--count", "2", "--interval", "10ms"});
  BOOST_CHECK_EQUAL(times("\"node_id\"", status.out), 2U);
  on_a_terminal watch{
    {"--data-dir", node.data_dir(), "status", "--watch", "--interval", "20ms"}};
  BOOST_CHECK(watch.comes_to_show("\x1b[H\x1b[2J"));
  watch.signal(SIGINT);
  BOOST_CHECK_EQUAL(watch.wait(), -SIGINT);
  BOOST_CHECK(watch.is_as_before());
}

BOOST_AUTO_TEST_CASE(the_log_says_more_and_less_at_once) {
  start();
  BOOST_CHECK_EQUAL(ends(0, {"log", "level"}).out, "info\n");
  BOOST_CHECK_EQUAL(ends(0, {"log", "level", "error"}).out, "error\n");
  ends(0, {"pause"});
  BOOST_CHECK_EQUAL(node.log().find("order=pause"), std::string::npos);
  BOOST_CHECK_EQUAL(ends(0, {"--json", "log", "level", "debug"}).out,
                    "{\"level\":\"debug\"}\n");
  ends(0, {"resume"});
  says(node.log(), "order=resume");
  ends(2, {"log", "level", "shouting"});
  ends(2, {"log"});
}

BOOST_AUTO_TEST_CASE(every_command_has_a_help_with_an_example) {
  auto script = ends(0, {"completion", "bash"}).out;
  auto from = script.rfind("\"\") words=\"") + 11;
  auto names = script.substr(from, script.find('"', from) - from);
  std::size_t count = 0;
  for (std::size_t at = 0; at < names.size();) {
    auto end = std::min(names.find(' ', at), names.size());
    auto name = names.substr(at, end - at);
    at = end + 1;
    auto help = ends(0, {name, "--help"}).out;
    BOOST_CHECK_MESSAGE(help.find("Example:\n  provisionctl ")
                          != std::string::npos,
                        name << " has no example: " << help);
    ++count;
  }
  BOOST_CHECK_GE(count, 25U);
  for (auto* shell : {"bash", "zsh", "fish"}) {
    auto made = ends(0, {"completion", shell}).out;
    for (auto* word : {"drain", "journal", "verify", "--timeout", "bundle",
                       "--known", "plan", "submit", "top", "export"})
      says(made, word);
  }
}

BOOST_AUTO_TEST_SUITE_END()
