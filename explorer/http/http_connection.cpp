#include "explorer/http/http_connection.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "identity/peer_certificate.hpp"

namespace provision {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t buffer_bytes = 32U << 10U;
constexpr std::uint32_t header_bytes_max = 64U << 10U;

auto report_to(boost::system::error_code& ec) {
  return asio::redirect_error(asio::use_awaitable, ec);
}

http_response to_response(http::response<http::string_body>&& message) {
  http_response response{.status = static_cast<int>(message.result_int())};
  for (const auto& field : message) {
    std::string name{field.name_string()};
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    response.headers.emplace_back(std::move(name), std::string{field.value()});
  }
  response.body = std::move(message.body());
  return response;
}

} // namespace

error exchange_failure(const http_exchange& exchange,
                       const http_connection_settings& settings,
                       const std::string& why, int detail) {
  auto took
    = duration_cast<milliseconds>(http_exchange::clock::now() - exchange.begun);
  auto where = settings.style.target.authority();
  if (settings.style.proxy)
    where += " through proxy " + settings.style.proxy->authority();
  return {errc::explorer_unreachable,
          where + ": " + std::string{exchange.step} + " failed after "
            + std::to_string(took.count()) + " ms: " + why,
          detail};
}

http_connection::http_connection(asio::io_context& context,
                                 const http_connection_settings& settings)
  : settings_{settings}, resolver_{context}, socket_{context} {
}

asio::awaitable<expected<http_response>> http_connection::carry_one() {
  auto& exchange = *current.front();
  bool is_reused = is_usable();
  for (;;) {
    if (!is_reused) {
      auto failure = co_await open(exchange);
      if (failure) {
        close();
        co_return fail(std::move(failure));
      }
    }
    auto result = co_await converse(exchange);
    if (result.answer)
      co_return std::move(*result.answer);
    close();
    // A server may close a kept-alive connection at any time; that says
    // nothing about this request, so it gets a connection of its own.
    bool is_worth_another = is_reused && !result.has_answer_begun
                            && exchange.is_repeatable && !exchange.is_over;
    if (!is_worth_another)
      co_return fail(std::move(result.failure));
    is_reused = false;
  }
}

asio::awaitable<void> http_connection::carry_all(const take_answer& take) {
  std::string wire;
  for (const auto& exchange : current) {
    exchange->step = "receiving";
    wire += exchange->wire;
  }
  auto ec = co_await write(wire);
  while (!ec && !current.empty() && socket_.is_open()) {
    auto exchange = current.front();
    auto result = co_await receive(*exchange, current.size() == 1);
    if (!result.answer)
      break;
    current.pop_front();
    take(*exchange, std::move(*result.answer));
  }
  if (!current.empty())
    close();
}

void http_connection::abort() {
  resolver_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

error http_connection::failed(const http_exchange& exchange,
                              error_code ec) const {
  auto why = ec.message();
  if (tls_ && ec.category() == asio::error::get_ssl_category()) {
    auto verdict = SSL_get_verify_result(
      const_cast<asio::ssl::stream<tcp::socket&>&>(*tls_).native_handle());
    if (verdict != X509_V_OK)
      why += std::string{": "} + X509_verify_cert_error_string(verdict);
  }
  return exchange_failure(exchange, settings_, why, ec.value());
}

bool http_connection::is_usable() const {
  if (!socket_.is_open()
      || http_exchange::clock::now() - idle_since_ > settings_.idle_timeout)
    return false;
  // Nothing may have come since the last answer: neither the end nor bytes
  // that nobody asked for (in TLS those may be the layer's own).
  char byte = 0;
  auto got = ::recv(const_cast<tcp::socket&>(socket_).native_handle(), &byte, 1,
                    MSG_PEEK | MSG_DONTWAIT);
  return got < 0 ? errno == EAGAIN || errno == EWOULDBLOCK
                 : got > 0 && tls_.has_value();
}

void http_connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  tls_.reset();
  buffer_.clear();
}

asio::awaitable<error> http_connection::open(http_exchange& exchange) {
  close();
  buffer_.reserve(buffer_bytes);
  auto ec = co_await connect(exchange);
  if (ec)
    co_return failed(exchange, ec);
  socket_.set_option(tcp::no_delay{true}, ec);
  if (!settings_.tls)
    co_return error{};
  if (settings_.style.proxy) {
    auto failure = co_await open_tunnel(exchange);
    if (failure)
      co_return failure;
  }
  co_return co_await open_tls(exchange);
}

asio::awaitable<boost::system::error_code>
http_connection::connect(http_exchange& exchange) {
  const auto& style = settings_.style;
  const auto& next = style.proxy ? *style.proxy : style.target;
  error_code ec;
  std::vector<tcp::endpoint> endpoints;
  auto address = asio::ip::make_address(next.host, ec);
  if (!ec) {
    endpoints.emplace_back(address, next.port);
  } else {
    exchange.step = "name look-up";
    is_looking_up_ = true;
    auto found = co_await resolver_.async_resolve(
      next.host, std::to_string(next.port),
      asio::ip::resolver_base::numeric_service, report_to(ec));
    is_looking_up_ = false;
    if (ec)
      co_return ec;
    endpoints.assign(found.begin(), found.end());
  }
  // A look-up cannot be aborted, so the time may have run out meanwhile.
  if (exchange.is_over)
    co_return make_error_code(asio::error::operation_aborted);
  exchange.step = "connecting";
  ec = {};
  co_await asio::async_connect(socket_, endpoints, report_to(ec));
  if (!ec && exchange.is_over)
    ec = asio::error::operation_aborted;
  co_return ec;
}

asio::awaitable<error> http_connection::open_tunnel(http_exchange& exchange) {
  exchange.step = "opening the proxy's tunnel";
  auto request = connect_text(settings_.style);
  error_code ec;
  co_await asio::async_write(socket_, asio::buffer(request), report_to(ec));
  http::response_parser<http::empty_body> parser;
  // The answer to CONNECT has no body: what follows belongs to the tunnel.
  parser.skip(true);
  parser.header_limit(header_bytes_max);
  if (!ec)
    co_await http::async_read_header(socket_, buffer_, parser, report_to(ec));
  if (ec)
    co_return failed(exchange, ec);
  auto status = parser.get().result_int();
  if (status / 100 != 2 || buffer_.size() != 0)
    co_return exchange_failure(exchange, settings_,
                               "the proxy answered with status "
                                 + std::to_string(status),
                               static_cast<int>(status));
  co_return error{};
}

asio::awaitable<error> http_connection::open_tls(http_exchange& exchange) {
  exchange.step = "TLS handshake";
  tls_.emplace(socket_, *settings_.tls);
  const auto& host = settings_.style.target.host;
  if (!demand_certificate_of(tls_->native_handle(), host))
    co_return exchange_failure(exchange, settings_, "unusable host name", 0);
  error_code ec;
  co_await tls_->async_handshake(asio::ssl::stream_base::client, report_to(ec));
  if (ec)
    co_return failed(exchange, ec);
  co_return error{};
}

asio::awaitable<boost::system::error_code>
http_connection::write(const std::string& bytes) {
  error_code ec;
  if (tls_)
    co_await asio::async_write(*tls_, asio::buffer(bytes), report_to(ec));
  else
    co_await asio::async_write(socket_, asio::buffer(bytes), report_to(ec));
  co_return ec;
}

template <class Stream, class Parser>
asio::awaitable<boost::system::error_code>
http_connection::read(Stream& stream, Parser& parser) {
  error_code ec;
  // Beast 1.74 forgets the limit for a body that comes along with the headers,
  // unless these are asked for alone.
  co_await http::async_read_header(stream, buffer_, parser, report_to(ec));
  if (!ec && !parser.is_done())
    co_await http::async_read(stream, buffer_, parser, report_to(ec));
  co_return ec;
}

asio::awaitable<http_connection::outcome>
http_connection::converse(http_exchange& exchange) {
  outcome result;
  exchange.step = "sending";
  auto ec = co_await write(exchange.wire);
  if (ec) {
    result.failure = failed(exchange, ec);
    co_return result;
  }
  exchange.step = "receiving";
  co_return co_await receive(exchange, true);
}

asio::awaitable<http_connection::outcome>
http_connection::receive(http_exchange& exchange, bool is_last) {
  outcome result;
  error_code ec;
  std::optional<http::response_parser<http::string_body>> parser;
  do {
    parser.emplace();
    parser->skip(exchange.is_head);
    parser->header_limit(header_bytes_max);
    parser->body_limit(settings_.response_bytes_max);
    if (tls_)
      ec = co_await read(*tls_, *parser);
    else
      ec = co_await read(socket_, *parser);
    result.has_answer_begun = result.has_answer_begun || parser->got_some();
    // 1xx announces the answer proper.
  } while (!ec && parser->get().result_int() / 100 == 1);
  if (ec) {
    result.failure = failed(exchange, ec);
    if (ec == http::error::body_limit || ec == http::error::header_limit)
      result.failure.code = errc::input_too_large;
    co_return result;
  }
  // Behind the last answer nothing may come.
  bool is_kept = parser->keep_alive() && (!is_last || buffer_.size() == 0);
  result.answer = to_response(parser->release());
  idle_since_ = http_exchange::clock::now();
  if (!is_kept)
    close();
  co_return result;
}

} // namespace provision
