#include "http/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include <boost/test/unit_test.hpp>

#include "tests/explorer/raw_server.hpp"

using namespace provision;

namespace unix_socket_test {
namespace {

struct household {
  household() {
    std::string pattern = "/tmp/unix-socket-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    path = folder + "/api.sock";
  }
  ~household() { std::filesystem::remove_all(folder); }

  http_server_options here() const {
    http_server_options options;
    options.unix_path = path;
    return options;
  }

  int connect() const {
    int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    BOOST_REQUIRE_EQUAL(
      ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  std::string converse(std::string_view bytes) const {
    int fd = connect();
    write_text(fd, bytes);
    auto answer = read_all(fd);
    ::close(fd);
    return answer;
  }

  std::string folder;
  std::string path;
};

constexpr std::string_view last_get
  = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";

void tell_peer(const http_server_request& request, const http_reply& reply) {
  reply({.body = request.peer ? std::to_string(request.peer->user) + ' '
                                  + std::to_string(request.peer->groups.at(0))
                                  + ' ' + std::to_string(request.peer->process)
                              : "nobody"});
}

} // namespace
} // namespace unix_socket_test

BOOST_FIXTURE_TEST_SUITE(unix_socket_test, household)

BOOST_AUTO_TEST_CASE(tells_who_asks_as_the_kernel_says) {
  auto server = http_server::start(here(), tell_peer).value();
  auto answer = converse(last_get);
  auto expected_body = std::to_string(::getuid()) + ' '
                       + std::to_string(::getgid()) + ' '
                       + std::to_string(::getpid());
  BOOST_CHECK_MESSAGE(answer.ends_with("\r\n\r\n" + expected_body), answer);
}

BOOST_AUTO_TEST_CASE(turns_away_whom_it_does_not_admit) {
  auto options = here();
  options.admit = [](const http_peer& peer) { return peer.user != ::getuid(); };
  options.connections_max = 1;
  auto server = http_server::start(options, tell_peer).value();
  for (int i = 0; i < 3; ++i) {
    // Answered although nothing was asked: an idle stranger takes no place.
    int fd = connect();
    auto answer = read_all(fd);
    ::close(fd);
    BOOST_CHECK_MESSAGE(answer.starts_with("HTTP/1.1 403 "), answer);
    BOOST_CHECK(answer.ends_with("}\n"));
  }
  BOOST_CHECK_EQUAL(server->accepted(), 0U);
}

BOOST_AUTO_TEST_CASE(the_file_has_the_mode_that_was_asked_for) {
  auto old = ::umask(0777);
  for (unsigned mode : {0600U, 0666U}) {
    auto options = here();
    options.unix_mode = mode;
    auto server = http_server::start(options, tell_peer).value();
    struct stat facts {};
    BOOST_REQUIRE_EQUAL(::stat(path.c_str(), &facts), 0);
    BOOST_CHECK_EQUAL(facts.st_mode & 07777, mode);
  }
  ::umask(old);
}

BOOST_AUTO_TEST_CASE(removes_the_file_at_the_end_and_replaces_a_dead_one) {
  { auto server = http_server::start(here(), tell_peer).value(); }
  BOOST_CHECK(!std::filesystem::exists(path));
  {
    // What a killed process leaves behind.
    auto left = bind_unix_path(path, 0600).value();
    ::close(left.release_socket());
    BOOST_CHECK(http_server::start(here(), tell_peer));
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_path_that_is_served_or_no_socket_or_too_long) {
  auto first = http_server::start(here(), tell_peer).value();
  auto second = http_server::start(here(), tell_peer);
  BOOST_REQUIRE(!second);
  BOOST_CHECK(second.error().code == errc::invalid_configuration);
  BOOST_CHECK(second.error().message.find("another process")
              != std::string::npos);
  BOOST_CHECK(!converse(last_get).empty());
  path = folder + "/file";
  std::ofstream{path} << "precious";
  auto third = http_server::start(here(), tell_peer);
  BOOST_CHECK(!third);
  BOOST_CHECK_EQUAL(std::filesystem::file_size(path), 8U);
  path = folder + std::string(200, 'x');
  auto fourth = http_server::start(here(), tell_peer);
  BOOST_REQUIRE(!fourth);
  BOOST_CHECK(fourth.error().message.find("107 bytes") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(goes_on_with_pieces_until_the_last) {
  auto server = http_server::start(here(), [](const http_server_request&,
                                              const http_reply& reply) {
                  auto left = std::make_shared<int>(3);
                  reply({.body = "start ", .more = [left](http_reply piece) {
                           bool is_last = --*left == 0;
                           // An empty piece would end a chunked body.
                           piece({.body = *left == 1 ? "" : "piece ",
                                  .is_last = is_last});
                         }});
                }).value();
  BOOST_CHECK_EQUAL(converse(last_get),
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                    "Connection: close\r\n\r\n"
                    "6\r\nstart \r\n6\r\npiece \r\n6\r\npiece \r\n0\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_stop_ends_an_answer_that_goes_on) {
  auto server = http_server::start(here(), [](const http_server_request&,
                                              const http_reply& reply) {
                  // Never answers for more, and keeps the reply.
                  static http_reply kept;
                  reply({.body = "x", .more = [](http_reply piece) {
                           kept = std::move(piece);
                         }});
                }).value();
  int fd = connect();
  write_text(fd, "GET / HTTP/1.1\r\n\r\n");
  char head[64];
  BOOST_REQUIRE_GT(::recv(fd, head, sizeof head, 0), 0);
  server->stop();
  read_all(fd);
  ::close(fd);
}

BOOST_AUTO_TEST_SUITE_END()
