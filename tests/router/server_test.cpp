#include "router/server.hpp"

#include <filesystem>
#include <future>
#include <thread>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include "router/yamux.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace provision;
using namespace provision::test;
using yamux::frame_type;

namespace server_test {
namespace {

constexpr auto secret = "7:open sesame";

/// Sockets of people without patience.
struct wire {
  explicit wire(int number) : number_{number} {
    constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  wire(wire&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  ~wire() {
    if (number_ >= 0)
      ::close(number_);
  }

  void say(const std::string& text) const {
    (void)::send(number_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  void say(const yamux::header& what, const std::string& payload = {}) const {
    say(yamux::write(what) + payload);
  }
  void say_no_more() const { ::shutdown(number_, SHUT_WR); }

  std::string hear(std::size_t size) const {
    std::string bytes(size, '\0');
    const auto got = ::recv(number_, bytes.data(), size, MSG_WAITALL);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  yamux::header frame() const {
    const auto read = yamux::read(hear(yamux::header_size));
    BOOST_REQUIRE(read);
    return *read;
  }
  bool is_hung_up() const { return hear(1).empty(); }

private:
  int number_;
};

/// A router on a thread of its own, with one tunnel.
struct fixture {
  fixture() {
    what.host = "127.0.0.1";
    what.port = free_port();
    what.status = place.path() + "/status";
    what.tunnels = {{router::digest_of(secret), place.path() + "/door"}};
    BOOST_REQUIRE_EQUAL(take(), "");
    thread = std::thread{[this] { loop.run(); }};
  }

  ~fixture() {
    loop.stop();
    thread.join();
  }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return name;
  }

  static std::uint16_t free_port() {
    sockaddr_in name = loopback(0);
    socklen_t size = sizeof name;
    const int number = ::socket(AF_INET, SOCK_STREAM, 0);
    ::bind(number, reinterpret_cast<sockaddr*>(&name), sizeof name);
    ::getsockname(number, reinterpret_cast<sockaddr*>(&name), &size);
    ::close(number);
    return ntohs(name.sin_port);
  }

  std::string take() {
    if (!thread.joinable())
      return server.take(router::write_setup(what)).message;
    std::promise<std::string> done;
    boost::asio::post(loop, [&] {
      done.set_value(server.take(router::write_setup(what)).message);
    });
    return done.get_future().get();
  }

  wire dial() const {
    const int number = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name = loopback(what.port);
    BOOST_REQUIRE_EQUAL(
      ::connect(number, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    return wire{number};
  }

  wire visit(const std::string& path) const {
    const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    BOOST_REQUIRE_EQUAL(
      ::connect(number, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    return wire{number};
  }
  wire visit() const { return visit(place.path() + "/door"); }

  static std::string greeting(const std::string& said) {
    return std::string{"\x11\x11"} + static_cast<char>(said.size() >> 8U)
           + static_cast<char>(said.size() & 0xffU) + said;
  }

  static void greet(const wire& client, const std::string& text) {
    client.say({frame_type::window_update, yamux::syn, 1, 0});
    client.say(
      {frame_type::data, 0, 1, static_cast<std::uint32_t>(text.size())}, text);
  }

  /// One that was let in.
  wire client(const std::string& said = secret) const {
    auto made = dial();
    greet(made, greeting(said));
    BOOST_CHECK(
      (made.frame()
       == yamux::header{frame_type::window_update, yamux::ack, 1, 0}));
    BOOST_CHECK(
      (made.frame()
       == yamux::header{frame_type::window_update, yamux::fin, 1, 0}));
    return made;
  }

  scratch_folder place = {};
  router::setup what = {};
  boost::asio::io_context loop = {};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
    loop.get_executor()};
  router::server server{loop, std::chrono::milliseconds{200}};
  std::thread thread = {};
};

} // namespace
} // namespace server_test

BOOST_FIXTURE_TEST_SUITE(server_test, fixture)

BOOST_AUTO_TEST_CASE(carries_visitors_to_the_client_and_back) {
  const auto host = client();
  const auto first = visit();
  first.say("hello");
  BOOST_CHECK((host.frame()
               == yamux::header{frame_type::window_update, yamux::syn, 2, 0}));
  host.say({frame_type::window_update, yamux::ack, 2, 0});
  BOOST_CHECK((host.frame() == yamux::header{frame_type::data, 0, 2, 5}));
  BOOST_CHECK_EQUAL(host.hear(5), "hello");
  // Another one beside him.
  const auto second = visit();
  BOOST_CHECK((host.frame()
               == yamux::header{frame_type::window_update, yamux::syn, 4, 0}));
  host.say({frame_type::data, 0, 4, 3}, "two");
  host.say({frame_type::data, 0, 2, 3}, "one");
  BOOST_CHECK_EQUAL(first.hear(3), "one");
  BOOST_CHECK_EQUAL(second.hear(3), "two");
  // One side may end before the other.
  first.say_no_more();
  BOOST_CHECK((host.frame()
               == yamux::header{frame_type::window_update, yamux::fin, 2, 0}));
  host.say({frame_type::data, yamux::fin, 2, 4}, "last");
  BOOST_CHECK_EQUAL(first.hear(5), "last");
  host.say({frame_type::window_update, yamux::rst, 4, 0});
  BOOST_CHECK(second.is_hung_up());
}

BOOST_AUTO_TEST_CASE(nobody_is_sent_more_than_he_takes) {
  const auto host = client();
  const auto visitor = visit();
  (void)host.frame();
  std::thread talker{
    [&] { visitor.say(std::string(3U * yamux::window_size, 'v')); }};
  std::size_t got = 0;
  while (got < yamux::window_size)
    got += host.hear(host.frame().length).size();
  BOOST_CHECK_EQUAL(got, yamux::window_size);
  // Only more of the window brings more.
  host.say({frame_type::ping, yamux::syn, 0, 77});
  BOOST_CHECK(
    (host.frame() == yamux::header{frame_type::ping, yamux::ack, 0, 77}));
  host.say({frame_type::window_update, 0, 2, 2U * yamux::window_size});
  while (got < 3U * yamux::window_size)
    got += host.hear(host.frame().length).size();
  talker.join();
  // The other way: what the visitor took may be sent again.
  const std::string piece(yamux::window_size / 2, 'c');
  for (int i = 0; i < 4; ++i) {
    host.say({frame_type::data, 0, 2, static_cast<std::uint32_t>(piece.size())},
             piece);
    BOOST_CHECK(visitor.hear(piece.size()) == piece);
    const auto more = host.frame();
    BOOST_CHECK(more.type == frame_type::window_update);
    BOOST_CHECK_EQUAL(more.length, piece.size());
  }
}

BOOST_AUTO_TEST_CASE(hangs_up_on_whoever_is_not_waited_for) {
  for (const auto* wrong : {"7:guess", "7:open sesame ", "x"}) {
    const auto stranger = dial();
    greet(stranger, greeting(wrong));
    (void)stranger.frame();
    BOOST_CHECK(eventually([&] { return stranger.hear(12).empty(); }));
  }
  // Without a client a visitor is hung up on.
  BOOST_CHECK(visit().is_hung_up());
  (void)client();
}

BOOST_AUTO_TEST_CASE(hangs_up_on_whoever_breaks_the_protocol) {
  const auto hung_up_after = [this](const std::vector<std::string>& all) {
    const auto stranger = dial();
    for (const auto& one : all)
      stranger.say(one);
    return eventually([&] { return stranger.hear(12).empty(); });
  };
  using yamux::write;
  const auto data = [](std::uint32_t id, const std::string& text) {
    return write(
             {frame_type::data, 0, id, static_cast<std::uint32_t>(text.size())})
           + text;
  };
  const auto opening = write({frame_type::window_update, yamux::syn, 1, 0});
  BOOST_CHECK(hung_up_after({"GET / HTTP/1.1\r\n\r\n"}));
  BOOST_CHECK(hung_up_after({opening, data(1, "\x22\x22 what")}));
  BOOST_CHECK(
    hung_up_after({opening, data(1, std::string{"\x11\x11\0\0", 4})}));
  BOOST_CHECK(hung_up_after({opening, data(1, "\x11\x11\xff\xff")}));
  BOOST_CHECK(hung_up_after({opening, data(1, greeting(secret) + "more")}));
  BOOST_CHECK(hung_up_after({opening, opening}));
  BOOST_CHECK(hung_up_after({data(1, greeting(secret))}));
  BOOST_CHECK(hung_up_after({opening, data(3, greeting(secret))}));
  BOOST_CHECK(hung_up_after({opening, data(2, "nobody opened that")}));
  BOOST_CHECK(
    hung_up_after({write({frame_type::data, 0, 1, yamux::window_size + 1})}));
  // A stranger has no whole window.
  BOOST_CHECK(hung_up_after({opening, write({frame_type::data, 0, 1, 2000})}));
  BOOST_CHECK(hung_up_after({write({frame_type::go_away, 0, 0, 0})}));
  // Who says nothing at all has little time.
  BOOST_CHECK(dial().is_hung_up());
  // A client sends more than the window.
  const auto host = client();
  const auto visitor = visit();
  (void)host.frame();
  const std::string whole(yamux::window_size, 'c');
  for (int i = 0; i < 40; ++i)
    host.say({frame_type::data, 0, 2, yamux::window_size}, whole);
  BOOST_CHECK(eventually([&] { return host.hear(12).empty(); }));
}

BOOST_AUTO_TEST_CASE(the_last_client_with_a_secret_counts) {
  const auto first = client();
  const auto second = client();
  BOOST_CHECK(first.is_hung_up());
  const auto visitor = visit();
  BOOST_CHECK((second.frame()
               == yamux::header{frame_type::window_update, yamux::syn, 2, 0}));
}

BOOST_AUTO_TEST_CASE(visitors_are_hung_up_on_when_the_client_goes) {
  auto visitors = [&] {
    const auto host = client();
    auto visitor = visit();
    (void)host.frame();
    return visitor;
  }();
  BOOST_CHECK(visitors.is_hung_up());
  BOOST_CHECK(eventually([&] { return visit().is_hung_up(); }));
}

BOOST_AUTO_TEST_CASE(takes_another_setup_over_without_a_break) {
  const auto host = client();
  const auto visitor = visit();
  (void)host.frame();
  const auto before = visit(what.status).hear(16);
  BOOST_CHECK_EQUAL(before, router::generation_of(router::write_setup(what)));
  what.tunnels.push_back(
    {router::digest_of("8:other"), place.path() + "/other"});
  BOOST_CHECK_EQUAL(take(), "");
  BOOST_CHECK_NE(visit(what.status).hear(16), before);
  const auto other = client("8:other");
  const auto guest = visit(place.path() + "/other");
  BOOST_CHECK((other.frame()
               == yamux::header{frame_type::window_update, yamux::syn, 2, 0}));
  // Who was there is still there.
  host.say({frame_type::data, 0, 2, 5}, "still");
  BOOST_CHECK_EQUAL(visitor.hear(5), "still");
  // And goes with his tunnel.
  what.tunnels.erase(what.tunnels.begin());
  BOOST_CHECK_EQUAL(take(), "");
  BOOST_CHECK(host.is_hung_up());
  BOOST_CHECK(visitor.is_hung_up());
  BOOST_CHECK(!std::filesystem::exists(place.path() + "/door"));
  other.say({frame_type::ping, yamux::syn, 0, 1});
  BOOST_CHECK(other.frame().type == frame_type::ping);
}

BOOST_AUTO_TEST_CASE(a_setup_that_cannot_be_taken_over_changes_nothing) {
  const auto host = client();
  const auto good = what;
  what.tunnels.push_back({"00", "/nonexistent/door"});
  BOOST_CHECK(take().find("cannot open /nonexistent/door") == 0);
  what = good;
  what.host = "203.0.113.77";
  BOOST_CHECK(take().find("cannot listen at 203.0.113.77") == 0);
  what.host = "nobody";
  BOOST_CHECK(take().find("cannot listen at nobody") == 0);
  const auto visitor = visit();
  BOOST_CHECK((host.frame()
               == yamux::header{frame_type::window_update, yamux::syn, 2, 0}));
  BOOST_CHECK(!router::read_setup("listen\t::1\t80\nend\n"));
  BOOST_CHECK(!router::read_setup(""));
}

BOOST_AUTO_TEST_SUITE_END()
