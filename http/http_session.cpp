#include "http/http_session.hpp"

#include <algorithm>
#include <array>
#include <atomic>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/status_text.hpp"

namespace provision {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

using request_parser = http::request_parser<http::string_body>;

constexpr std::size_t buffer_bytes = 8192;

/// Answers that wait for one another hold at most this much, and one more.
constexpr std::size_t unsent_bytes_max = 32U << 10U;

/// Brings one answer to one request, from any thread and at any time; a
/// request whose reply is dropped gets a 500 instead.
class ticket {
public:
  ticket(std::shared_ptr<http_gate> gate, std::weak_ptr<http_session> session)
    : gate_{std::move(gate)}, session_{std::move(session)} {}

  ~ticket() {
    if (!is_used_)
      redeem({.status = 500, .body = "the request was dropped\n"});
  }

  void redeem(http_server_response response) {
    if (is_used_.exchange(true))
      return;
    // While the gate is held open the server cannot go away.
    std::lock_guard lock{gate_->mutex};
    if (!gate_->is_open)
      return;
    if (auto session = session_.lock())
      session->take(std::move(response));
  }

private:
  std::shared_ptr<http_gate> gate_;
  std::weak_ptr<http_session> session_;
  std::atomic<bool> is_used_ = false;
};

http_server_request to_request(http::request<http::string_body>&& message) {
  http_server_request request{
    .method = std::string{message.method_string()},
    .target = std::string{message.target()},
  };
  for (const auto& field : message) {
    std::string name{field.name_string()};
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    request.headers.emplace_back(std::move(name), std::string{field.value()});
  }
  request.body = std::move(message.body());
  return request;
}

/// How a connection goes on after an answer.
struct framing {
  bool is_kept = true;
  bool is_chunked = false;
  bool has_length = true;
  unsigned http_version = 11;
};

// A line break inside a value would start another header.
void append_clean(std::string& to, std::string_view text) {
  for (char c : text)
    to += c == '\r' || c == '\n' ? ' ' : c;
}

std::string head_of(const http_server_response& response,
                    const framing& frame) {
  std::string head = frame.http_version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head += std::to_string(response.status) + ' ';
  head += status_text(response.status);
  head += "\r\n";
  for (const auto& [name, value] : response.headers) {
    append_clean(head, name);
    head += ": ";
    append_clean(head, value);
    head += "\r\n";
  }
  if (frame.is_chunked)
    head += "Transfer-Encoding: chunked\r\n";
  else if (frame.has_length)
    head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  if (!frame.is_kept)
    head += "Connection: close\r\n";
  else if (frame.http_version == 10)
    head += "Connection: keep-alive\r\n";
  return head + "\r\n";
}

std::string in_chunks(std::string_view body) {
  constexpr std::size_t chunk_bytes = 4096;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string chunks;
  while (!body.empty()) {
    auto chunk = body.substr(0, chunk_bytes);
    std::string size;
    for (auto n = chunk.size(); n > 0; n /= 16)
      size.insert(size.begin(), digits[n % 16]);
    chunks += size + "\r\n";
    chunks += chunk;
    chunks += "\r\n";
    body.remove_prefix(chunk.size());
  }
  return chunks;
}

int status_for(error_code ec) {
  if (ec == http::error::body_limit)
    return 413;
  if (ec == http::error::header_limit)
    return 431;
  if (ec == http::error::end_of_stream || ec == http::error::partial_message)
    return 0;
  return ec.category() == make_error_code(http::error::bad_method).category()
           ? 400
           : 0;
}

auto report_to(error_code& ec) {
  return asio::redirect_error(asio::use_awaitable, ec);
}

} // namespace

http_session::http_session(socket_type socket, http_session_owner& owner,
                           std::optional<http_peer> peer)
  : socket_{std::move(socket)}, owner_{owner}, peer_{std::move(peer)},
    watch_{socket_.get_executor()}, wake_{socket_.get_executor()} {
  buffer_.reserve(buffer_bytes);
}

void http_session::start() {
  asio::co_spawn(
    socket_.get_executor(),
    [self = shared_from_this()] { return self->serve(); }, asio::detached);
}

void http_session::close() {
  asio::post(socket_.get_executor(),
             [self = shared_from_this()] { self->end(); });
}

void http_session::take(http_server_response response) {
  if (asking_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    response_ = std::move(response);
    return;
  }
  asio::post(
    socket_.get_executor(),
    [self = shared_from_this(), response = std::move(response)]() mutable {
      self->response_ = std::move(response);
      self->wake_.cancel();
    });
}

void http_session::end() {
  error_code ignored;
  is_ended_ = true;
  watch_.cancel();
  wake_.cancel();
  socket_.close(ignored);
}

void http_session::allow(std::chrono::milliseconds time) {
  deadline_ = clock::now() + time;
  watch();
}

void http_session::watch() {
  if (deadline_ >= watched_until_ || is_ended_)
    return;
  watched_until_ = deadline_;
  watch_.expires_at(deadline_);
  watch_.async_wait([weak = weak_from_this()](error_code ec) {
    auto self = weak.lock();
    if (ec || !self)
      return;
    if (self->deadline_ <= clock::now())
      return self->end();
    // A later step began meanwhile.
    self->watched_until_ = clock::time_point::max();
    self->watch();
  });
}

asio::awaitable<void> http_session::serve() {
  auto self = shared_from_this();
  try {
    while (!is_ended_ && co_await serve_one()) {
    }
  } catch (const std::exception&) {
    // Out of memory for this client: it sees its connection close.
  }
  end();
  owner_.forget(self);
}

/// One request as it comes in: first from what was read already.
class http_session::request_reader {
public:
  explicit request_reader(const http_server_options& options) {
    parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
    parser.body_limit(options.body_bytes_max);
  }

  /// Whether all of it is there.
  bool take_from(boost::beast::flat_buffer& buffer, error_code& ec) {
    while (!ec && !parser.is_done() && buffer.size() > 0) {
      // A body that comes along with its header would escape its limit.
      parser.eager(parser.is_header_done());
      auto taken = parser.put(buffer.data(), ec);
      buffer.consume(taken);
      if (ec == http::error::need_more) {
        ec = {};
        break;
      }
    }
    return !ec && parser.is_done();
  }

  request_parser parser = {};
};

asio::awaitable<error_code> http_session::read(request_reader& reader) {
  error_code ec;
  if (reader.take_from(buffer_, ec) || ec)
    co_return ec;
  // Whoever sent that much waits for the answers before it goes on.
  if (!unsent_.empty() && !co_await flush())
    co_return make_error_code(http::error::end_of_stream);
  allow(owner_.options().idle_timeout);
  auto& parser = reader.parser;
  if (!parser.is_header_done())
    co_await http::async_read_header(socket_, buffer_, parser, report_to(ec));
  if (ec || parser.is_done())
    co_return ec;
  allow(owner_.options().transfer_timeout);
  if (boost::beast::iequals(parser.get()[http::field::expect],
                            "100-continue")) {
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(socket_, asio::buffer(go_on), report_to(ec));
  }
  if (!ec)
    co_await http::async_read(socket_, buffer_, parser, report_to(ec));
  co_return ec;
}

asio::awaitable<bool> http_session::serve_one() {
  request_reader reader{owner_.options()};
  auto& parser = reader.parser;
  auto ec = co_await read(reader);
  if (ec)
    co_return co_await refuse(status_for(ec));

  framing frame{.is_kept = parser.get().keep_alive(),
                .http_version = parser.get().version()};
  bool is_head = parser.get().method() == http::verb::head;
  auto request = to_request(parser.release());
  request.peer = peer_;
  deadline_ = clock::time_point::max();
  auto response = co_await ask([this, &request](http_reply reply) {
    owner_.handler()(request, std::move(reply));
  });
  if (response.delay.count() > 0)
    co_await flush();
  co_await pause(response.delay);
  if (is_ended_)
    co_return false;
  frame.has_length = response.status >= 200 && response.status != 204
                     && response.status != 304;
  bool is_open = response.more && frame.has_length && !is_head;
  frame.is_kept = frame.is_kept && !response.is_last && !is_open;
  frame.is_chunked = (response.is_chunked || is_open) && frame.has_length
                     && frame.http_version >= 11;
  if (is_open) {
    frame.has_length = false;
    if (co_await answer(response, frame.is_chunked, true,
                        head_of(response, frame)))
      co_await go_on(std::move(response.more), frame.is_chunked);
    co_return false;
  }
  // What has come already is answered with the same packet.
  bool may_wait
    = frame.is_kept && buffer_.size() > 0 && unsent_.size() < unsent_bytes_max;
  co_return co_await answer(response, frame.is_chunked,
                            frame.has_length && !is_head,
                            head_of(response, frame), may_wait)
    && frame.is_kept;
}

asio::awaitable<http_server_response>
http_session::ask(std::function<void(http_reply)> question) {
  response_.reset();
  {
    auto once = std::make_shared<ticket>(owner_.gate(), weak_from_this());
    asking_ = std::this_thread::get_id();
    try {
      question([once](http_server_response response) {
        once->redeem(std::move(response));
      });
    } catch (const std::exception& reason) {
      once->redeem({.status = 500, .body = std::string{reason.what()} + '\n'});
    } catch (...) {
      once->redeem({.status = 500, .body = "unknown exception\n"});
    }
  }
  asking_ = std::thread::id{};
  if (!response_ && !unsent_.empty())
    co_await flush();
  while (!response_ && !is_ended_) {
    error_code cancelled;
    wake_.expires_at(clock::time_point::max());
    co_await wake_.async_wait(report_to(cancelled));
  }
  co_return response_ ? std::move(*response_) : http_server_response{};
}

asio::awaitable<void> http_session::pause(std::chrono::milliseconds delay) {
  if (delay.count() <= 0 || is_ended_)
    co_return;
  error_code cancelled;
  wake_.expires_after(delay);
  co_await wake_.async_wait(report_to(cancelled));
}

asio::awaitable<bool> http_session::answer(const http_server_response& response,
                                           bool is_chunked, bool has_body,
                                           std::string head, bool may_wait) {
  if (response.fault == http_fault::close
      || response.fault == http_fault::reset) {
    co_await flush();
    error_code ignored;
    if (response.fault == http_fault::reset)
      socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
    co_return false;
  }
  bool is_whole = response.fault == http_fault::none;
  std::string_view body = response.body;
  if (!is_whole)
    body = body.substr(0, response.truncate_after);
  std::string chunks;
  if (is_chunked) {
    chunks = in_chunks(body);
    if (is_whole && !response.more)
      chunks += "0\r\n\r\n";
    body = chunks;
  }
  if (!has_body)
    body = {};
  if (is_whole && may_wait) {
    unsent_ += head;
    unsent_ += body;
    co_return true;
  }
  error_code ec;
  allow(owner_.options().transfer_timeout);
  if (!unsent_.empty())
    head = std::exchange(unsent_, {}) + head;
  std::array wire{asio::buffer(std::as_const(head)), asio::buffer(body)};
  co_await asio::async_write(socket_, wire, report_to(ec));
  co_return !ec && is_whole;
}

asio::awaitable<bool> http_session::flush() {
  error_code ec;
  auto wire = std::exchange(unsent_, {});
  if (wire.empty())
    co_return true;
  allow(owner_.options().transfer_timeout);
  co_await asio::async_write(socket_, asio::buffer(wire), report_to(ec));
  // What comes next may be a handler, which takes its time.
  deadline_ = clock::time_point::max();
  co_return !ec;
}

/// The pieces of an answer that goes on; each is asked for when the client has
/// taken the last, so a slow one makes nothing pile up.
asio::awaitable<bool> http_session::go_on(std::function<void(http_reply)> more,
                                          bool is_chunked) {
  error_code ec;
  bool is_last = false;
  while (!ec && !is_last && !is_ended_) {
    deadline_ = clock::time_point::max();
    auto piece = co_await ask(more);
    is_last = piece.is_last;
    auto wire = is_chunked ? in_chunks(piece.body) : std::move(piece.body);
    if (is_last && is_chunked)
      wire += "0\r\n\r\n";
    if (wire.empty() || is_ended_)
      continue;
    allow(owner_.options().transfer_timeout);
    co_await asio::async_write(socket_, asio::buffer(wire), report_to(ec));
  }
  co_return false;
}

// Nothing is known about what follows in the stream, so the connection ends.
asio::awaitable<bool> http_session::refuse(int status) {
  if (status == 0 || is_ended_)
    co_return false;
  http_server_response response{.status = status, .is_last = true};
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string{status_text(status)} + '\n';
  framing frame{.is_kept = false};
  co_await answer(response, frame.is_chunked, frame.has_length,
                  head_of(response, frame));
  // Closing with unread bytes would reset the connection, and the client
  // would lose the answer: read on for a moment.
  error_code ec;
  socket_.shutdown(asio::socket_base::shutdown_send, ec);
  allow(std::min(owner_.options().transfer_timeout,
                 std::chrono::milliseconds{1000}));
  std::array<char, 4096> scrap{};
  while (!ec && !is_ended_)
    co_await socket_.async_read_some(asio::buffer(scrap), report_to(ec));
  co_return false;
}

} // namespace provision
