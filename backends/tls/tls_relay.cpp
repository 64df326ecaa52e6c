#include "backends/tls/tls_relay.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <netinet/tcp.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include "identity/peer_certificate.hpp"

namespace provision {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds handshake_time_max{10};
constexpr std::size_t piece_bytes = 16U << 10U;

auto report_to(error_code& ec) {
  return asio::redirect_error(asio::use_awaitable, ec);
}

} // namespace

tls_relay::tls_relay(tcp::socket connection, settings given)
  : given_{std::move(given)}, remote_{std::move(connection), *given_.tls},
    near_{remote_.get_executor()}, patience_{remote_.get_executor()} {
}

void tls_relay::start() {
  asio::co_spawn(
    remote_.get_executor(), [self = shared_from_this()] { return self->run(); },
    asio::detached);
}

void tls_relay::stop() {
  given_.on_end = {};
  end({});
}

asio::awaitable<void> tls_relay::run() {
  const auto self = shared_from_this();
  if (const auto failure = co_await shake_hands())
    co_return end(failure.message);
  if (is_over_)
    co_return;
  const auto opened = given_.open_near();
  if (!opened)
    co_return end(opened.error().message);
  near_.assign({}, *opened);
  asio::co_spawn(
    remote_.get_executor(),
    [self] {
      return self->carry(self->near_, self->remote_, "lost its worker");
    },
    asio::detached);
  co_await carry(remote_, near_, "closed the connection");
}

asio::awaitable<error> tls_relay::shake_hands() {
  if (!demand_certificate_of(remote_.native_handle(), given_.peer))
    co_return error{errc::invalid_configuration,
                    "cannot have the name " + given_.peer};
  patience_.expires_after(handshake_time_max);
  patience_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec)
      self->end("did not finish the TLS handshake in time");
  });
  error_code ec;
  co_await remote_.async_handshake(given_.side, report_to(ec));
  patience_.cancel();
  if (ec)
    co_return error{errc::host_unavailable,
                    "failed the TLS handshake: " + reason_of(ec)};
  co_return error{};
}

template <class From, class To>
asio::awaitable<void> tls_relay::carry(From& from, To& to,
                                       const char* whose_end) {
  const auto self = shared_from_this();
  std::array<char, piece_bytes> piece{};
  error_code ec;
  while (!ec) {
    const auto count
      = co_await from.async_read_some(asio::buffer(piece), report_to(ec));
    if (!ec)
      co_await asio::async_write(to, asio::buffer(piece.data(), count),
                                 report_to(ec));
  }
  const bool is_end
    = ec == asio::error::eof || ec == asio::ssl::error::stream_truncated;
  end(is_end ? whose_end : "lost the connection: " + reason_of(ec));
}

/// What is wrong with a certificate is said by its verdict alone.
std::string tls_relay::reason_of(error_code ec) const {
  const auto verdict = SSL_get_verify_result(
    const_cast<asio::ssl::stream<tcp::socket>&>(remote_).native_handle());
  if (ec.category() == asio::error::get_ssl_category() && verdict != X509_V_OK)
    return ec.message() + ": " + X509_verify_cert_error_string(verdict);
  return ec.message();
}

void tls_relay::end(const std::string& why) {
  if (std::exchange(is_over_, true))
    return;
  patience_.cancel();
  error_code ignored;
  remote_.next_layer().close(ignored);
  near_.close(ignored);
  if (given_.on_end)
    given_.on_end(why);
}

void watch_connection(asio::ip::tcp::socket& connection) {
  error_code ignored;
  connection.set_option(asio::ip::tcp::no_delay{true}, ignored);
  connection.set_option(asio::socket_base::keep_alive{true}, ignored);
  const auto set = [&](int option, int value) {
    ::setsockopt(connection.native_handle(), IPPROTO_TCP, option, &value,
                 sizeof value);
  };
  constexpr int quiet_seconds = 10;
  constexpr int probe_seconds = 5;
  constexpr int probes = 4;
  constexpr int unanswered_milliseconds = 30'000;
  set(TCP_KEEPIDLE, quiet_seconds);
  set(TCP_KEEPINTVL, probe_seconds);
  set(TCP_KEEPCNT, probes);
  set(TCP_USER_TIMEOUT, unanswered_milliseconds);
}

} // namespace provision
