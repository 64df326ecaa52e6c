#include "http/http_server.hpp"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "http/http_session.hpp"
#include "http/unix_socket.hpp"

namespace provision {

namespace asio = boost::asio;
using asio::generic::stream_protocol;
using asio::ip::tcp;

std::string_view
http_server_request::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

/// The listening socket, the threads and the connections being served. The
/// acceptor is touched by one thread at a time: each accept starts from the
/// end of the last, or from `resume_` when there was none.
class http_server::core final : public http_session_owner {
public:
  core(http_server_options options, http_handler handler)
    : http_session_owner{std::move(options), std::move(handler)},
      context_{static_cast<int>(options_.io_threads)},
      line_{asio::make_strand(context_)}, acceptor_{line_}, pause_{line_} {}

  ~core() { stop(); }

  error listen() {
    if (auto failure = open())
      return failure;
    asio::post(line_, [this] { accept(); });
    for (std::size_t i = 0; i < options_.io_threads; ++i)
      threads_.emplace_back([this] { context_.run(); });
    return {};
  }

  void stop() {
    {
      std::lock_guard lock{gate_->mutex};
      gate_->is_open = false;
      for (const auto& session : sessions_)
        session->close();
    }
    asio::post(line_, [this] {
      acceptor_.close();
      pause_.cancel();
    });
    for (auto& thread : threads_)
      if (thread.joinable())
        thread.join();
    path_.remove();
  }

  void forget(const std::shared_ptr<http_session>& session) override {
    std::lock_guard lock{gate_->mutex};
    sessions_.erase(session);
    asio::post(line_, [this] {
      if (!is_accepting_)
        accept();
    });
  }

  std::uint16_t port() const noexcept { return port_; }
  std::uint64_t accepted() const noexcept { return accepted_; }

private:
  error open() {
    if (!options_.unix_path.empty()) {
      auto path = bind_unix_path(options_.unix_path, options_.unix_mode);
      if (!path)
        return path.error();
      path_ = std::move(*path);
      acceptor_.assign(stream_protocol{AF_UNIX, 0}, path_.release_socket());
      return {};
    }
    boost::system::error_code ec;
    auto address = asio::ip::make_address(options_.address, ec);
    tcp::endpoint endpoint{address, options_.port};
    if (!ec)
      acceptor_.open(endpoint.protocol(), ec);
    if (!ec)
      acceptor_.set_option(asio::socket_base::reuse_address{true}, ec);
    if (!ec)
      acceptor_.bind(endpoint, ec);
    if (!ec)
      acceptor_.listen(asio::socket_base::max_listen_connections, ec);
    if (ec)
      return {errc::invalid_configuration,
              "cannot listen on " + options_.address + ':'
                + std::to_string(options_.port) + ": " + ec.message(),
              ec.value()};
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(acceptor_.native_handle(),
                  reinterpret_cast<sockaddr*>(&bound), &size);
    port_ = port_of(bound);
    return {};
  }

  void accept() {
    {
      std::lock_guard lock{gate_->mutex};
      is_accepting_
        = gate_->is_open && sessions_.size() < options_.connections_max;
    }
    if (!is_accepting_)
      return;
    asio::any_io_executor executor = context_.get_executor();
    if (options_.io_threads > 1)
      executor = asio::make_strand(context_);
    acceptor_.async_accept(executor, [this](boost::system::error_code ec,
                                            stream_protocol::socket socket) {
      if (ec == asio::error::operation_aborted)
        return;
      if (ec)
        return accept_later();
      greet(std::move(socket));
      accept();
    });
  }

  // Out of descriptors, most likely: trying again at once would only spin.
  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds{100});
    pause_.async_wait([this](boost::system::error_code) { accept(); });
  }

  void greet(stream_protocol::socket socket) {
    std::optional<http_peer> peer;
    if (options_.unix_path.empty()) {
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
    } else {
      peer = peer_of(socket.native_handle());
      if (!peer || (options_.admit && !options_.admit(*peer)))
        return turn_away(socket.native_handle());
    }
    auto session = std::make_shared<http_session>(std::move(socket), *this,
                                                  std::move(peer));
    {
      std::lock_guard lock{gate_->mutex};
      if (!gate_->is_open)
        return;
      sessions_.insert(session);
    }
    ++accepted_;
    session->start();
  }

  asio::io_context context_;
  asio::strand<asio::io_context::executor_type> line_;
  asio::basic_socket_acceptor<stream_protocol> acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  unix_path path_;
  std::atomic<std::uint64_t> accepted_ = 0;
  bool is_accepting_ = false;
  std::set<std::shared_ptr<http_session>> sessions_;
  std::vector<std::thread> threads_;
};

http_server::http_server(std::unique_ptr<core> parts)
  : core_{std::move(parts)} {
}

http_server::~http_server() = default;

expected<std::unique_ptr<http_server>>
http_server::start(http_server_options options, http_handler handler) {
  auto parts = std::make_unique<core>(std::move(options), std::move(handler));
  if (auto failure = parts->listen())
    return fail(std::move(failure));
  return std::unique_ptr<http_server>{new http_server{std::move(parts)}};
}

std::uint16_t http_server::port() const noexcept {
  return core_->port();
}

std::uint64_t http_server::accepted() const noexcept {
  return core_->accepted();
}

void http_server::stop() {
  core_->stop();
}

} // namespace provision
