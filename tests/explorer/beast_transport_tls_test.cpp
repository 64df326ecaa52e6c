#include <filesystem>

#include <boost/test/unit_test.hpp>
#include <openssl/ssl.h>
#include <poll.h>

#include "explorer/http/beast_transport.hpp"
#include "tests/explorer/raw_server.hpp"
#include "tests/support/certificates.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(beast_transport_tls_test)

namespace {

/// A throw-away authority whose certificate lies in a file, and a server with
/// a certificate of it that answers every request with "ok".
class tls_server {
public:
  /// `name` as in a certificate: "DNS:localhost" or "IP:127.0.0.1".
  explicit tls_server(const char* name)
    : context_{SSL_CTX_new(TLS_server_method()), SSL_CTX_free},
      plain_{[this](int socket, int) { serve(socket); }} {
    const test::authority issuer;
    const auto own = issuer.issue(name);
    SSL_CTX_use_certificate(context_.get(), own.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), own.key.get());
    issuer.write(ca_file());
  }

  ~tls_server() { std::filesystem::remove(ca_file()); }

  std::string ca_file() const {
    return std::filesystem::temp_directory_path()
           / ("provision-authority-" + std::to_string(::getpid()) + '-'
              + std::to_string(plain_.port()) + ".pem");
  }

  int port() const { return plain_.port(); }
  int accepted() const { return plain_.accepted(); }

private:
  void serve(int socket) {
    test::openssl_handle<SSL> tls{SSL_new(context_.get()), SSL_free};
    SSL_set_fd(tls.get(), socket);
    if (SSL_accept(tls.get()) != 1)
      return;
    constexpr std::string_view answer
      = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    char request[4096];
    while (SSL_read(tls.get(), request, sizeof request) > 0)
      SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
  }

  test::openssl_handle<SSL_CTX> context_;
  raw_server plain_;
};

/// Answers CONNECT and passes bytes on to `port` of the loopback, whatever
/// host was asked for; or refuses.
class tunnel {
public:
  tunnel(int port, std::string answer)
    : plain_{[port, answer = std::move(answer), this](int client, int) {
        request_ = read_request(client);
        write_text(client, answer);
        int server = connect_to(port);
        for (bool is_open = answer.find(" 200 ") != std::string::npos; is_open;)
          is_open = pass_on(client, server);
        ::close(server);
      }} {}

  std::string url() const { return plain_.url(); }
  const std::string& request() const { return request_; }

private:
  static bool pass_on(int client, int server) {
    pollfd ends[]{{client, POLLIN, 0}, {server, POLLIN, 0}};
    ::poll(ends, 2, -1);
    for (auto [from, to] : {std::pair{0, 1}, std::pair{1, 0}}) {
      if (ends[from].revents == 0)
        continue;
      char bytes[4096];
      auto got = ::recv(ends[from].fd, bytes, sizeof bytes, 0);
      if (got <= 0)
        return false;
      write_text(ends[to].fd, {bytes, static_cast<std::size_t>(got)});
    }
    return true;
  }

  std::string request_;
  raw_server plain_;
};

expected<http_response> get(const http_transport_options& options,
                            int times = 1) {
  auto transport = make_http_transport(options).value();
  for (int i = 1; i < times; ++i)
    BOOST_CHECK(fetch(*transport, {.method = "GET", .target = "/"}));
  return fetch(*transport, {.method = "GET", .target = "/"});
}

std::string url(const std::string& host, int port) {
  return "https://" + host + ':' + std::to_string(port);
}

void check_refused(const expected<http_response>& response,
                   const std::string& part) {
  BOOST_REQUIRE(!response);
  BOOST_CHECK(response.error().code == errc::explorer_unreachable);
  BOOST_TEST_CONTEXT(response.error().message)
  BOOST_CHECK(response.error().message.find(part) != std::string::npos);
}

} // namespace

BOOST_AUTO_TEST_CASE(accepts_a_certificate_for_the_name_and_keeps_alive) {
  tls_server server{"DNS:localhost"};
  auto response = get(
    {.url = url("localhost", server.port()), .ca_file = server.ca_file()}, 5);
  BOOST_REQUIRE(response);
  BOOST_CHECK_EQUAL(response->body, "ok");
  BOOST_CHECK_EQUAL(server.accepted(), 1);
}

BOOST_AUTO_TEST_CASE(accepts_a_certificate_for_the_address) {
  tls_server server{"IP:127.0.0.1"};
  BOOST_CHECK(
    get({.url = url("127.0.0.1", server.port()), .ca_file = server.ca_file()}));
}

BOOST_AUTO_TEST_CASE(refuses_a_certificate_for_another_host) {
  tls_server server{"DNS:elsewhere.example"};
  check_refused(
    get({.url = url("localhost", server.port()), .ca_file = server.ca_file()}),
    "TLS handshake failed");
  tls_server other{"IP:127.0.0.2"};
  check_refused(
    get({.url = url("127.0.0.1", other.port()), .ca_file = other.ca_file()}),
    "mismatch");
}

BOOST_AUTO_TEST_CASE(refuses_an_authority_that_the_system_does_not_know) {
  tls_server server{"DNS:localhost"};
  check_refused(get({.url = url("localhost", server.port())}),
                "certificate verify failed");
}

BOOST_AUTO_TEST_CASE(refuses_a_server_that_does_not_speak_tls) {
  raw_server server{[](int socket, int) {
    write_text(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
    read_all(socket);
  }};
  check_refused(get({.url = url("127.0.0.1", server.port())}),
                "TLS handshake failed");
}

BOOST_AUTO_TEST_CASE(reaches_an_https_explorer_through_a_proxys_tunnel) {
  tls_server server{"DNS:explorer.example"};
  tunnel proxy{server.port(), "HTTP/1.1 200 Connection established\r\n\r\n"};
  http_transport_options options{.url = "https://explorer.example",
                                 .ca_file = server.ca_file(),
                                 .proxy = {.https = proxy.url()}};
  auto response = get(options, 3);
  BOOST_REQUIRE(response);
  BOOST_CHECK_EQUAL(response->body, "ok");
  BOOST_CHECK(
    proxy.request().starts_with("CONNECT explorer.example:443 HTTP/1.1\r\n"));
  BOOST_CHECK_EQUAL(server.accepted(), 1);
}

BOOST_AUTO_TEST_CASE(says_how_a_proxy_refused_the_tunnel) {
  tls_server server{"DNS:explorer.example"};
  tunnel proxy{server.port(),
               "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"};
  auto response
    = get({.url = "https://explorer.example", .proxy = {.https = proxy.url()}});
  check_refused(response, "the proxy answered with status 407");
  BOOST_CHECK_EQUAL(response.error().detail, 407);
}

BOOST_AUTO_TEST_SUITE_END()
