#include "backends/tls/remote_worker.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <sys/socket.h>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/socket_pair.hpp"
#include "backends/tls/tls_relay.hpp"

namespace provision {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds connect_time_max{10};

/// One connection. Its thread keeps it until both sides have ended.
class line : public std::enable_shared_from_this<line> {
public:
  line(remote_worker where, file_descriptor theirs)
    : where_{std::move(where)}, theirs_{std::move(theirs)} {}

  void run() {
    patience_.expires_after(connect_time_max);
    patience_.async_wait([this](error_code ec) {
      if (!ec)
        fail_to_connect("no answer in time");
    });
    look_up();
    context_.run();
  }

  void stop() {
    // While there is something to stop, the thread keeps this line.
    asio::post(context_, [weak = weak_from_this()] {
      if (const auto self = weak.lock())
        self->hang_up();
    });
  }

  std::optional<std::string> ending() const {
    std::lock_guard hold{guard_};
    return ending_;
  }

private:
  /// Blocks this thread only. A look-up cannot be aborted; whoever gave the
  /// worker up meanwhile is heard after it.
  void look_up() {
    error_code ec;
    const auto found = tcp::resolver{context_}.resolve(
      where_.host, std::to_string(where_.port), tcp::resolver::numeric_service,
      ec);
    if (ec)
      return fail_to_connect(ec.message());
    asio::async_connect(socket_, found, [this](error_code failure, auto) {
      if (failure)
        return fail_to_connect(failure.message());
      patience_.cancel();
      watch_connection(socket_);
      relay();
    });
  }

  void relay() {
    relay_ = std::make_shared<tls_relay>(
      std::move(socket_),
      tls_relay::settings{
        .tls = where_.tls,
        .side = asio::ssl::stream_base::client,
        .peer = where_.host,
        .open_near = [this]() -> expected<int> { return theirs_.release(); },
        .on_end =
          [this](const std::string& why) {
            end("at " + where_.text() + ' ' + why);
            theirs_.close();
          }});
    relay_->start();
  }

  void hang_up() {
    end("was given up");
    if (relay_)
      relay_->stop();
    close();
  }

  void fail_to_connect(const std::string& why) {
    end("could not be reached at " + where_.text() + ": " + why);
    close();
  }

  void close() {
    patience_.cancel();
    error_code ignored;
    socket_.close(ignored);
    theirs_.close();
  }

  /// What came first is what ended it. To be said before the socket tells.
  void end(std::string why) {
    std::lock_guard hold{guard_};
    if (!ending_)
      ending_ = std::move(why);
  }

  const remote_worker where_;
  file_descriptor theirs_;
  asio::io_context context_{1};
  tcp::socket socket_{context_};
  asio::steady_timer patience_{context_};
  std::shared_ptr<tls_relay> relay_ = {};
  mutable std::mutex guard_;
  std::optional<std::string> ending_ = {};
};

class dialled_worker final : public worker_process {
public:
  dialled_worker(std::shared_ptr<line> made, file_descriptor ours)
    : line_{std::move(made)}, ours_{std::move(ours)} {}
  ~dialled_worker() override { line_->stop(); }

  int take_socket() override { return ours_.release(); }
  void kill() override { line_->stop(); }
  std::optional<std::string> ending() override { return line_->ending(); }

private:
  std::shared_ptr<line> line_;
  file_descriptor ours_;
};

expected<std::unique_ptr<worker_process>> dial(const remote_worker& where) {
  auto sockets = make_sockets();
  if (!sockets)
    return fail(sockets.error());
  auto made = std::make_shared<line>(where, std::move(sockets->theirs));
  try {
    std::thread{[made] { made->run(); }}.detach();
  } catch (const std::system_error& failure) {
    return fail(errc::host_busy,
                std::string{"no thread for a connection: "} + failure.what());
  }
  return std::make_unique<dialled_worker>(made, std::move(sockets->ours));
}

} // namespace

std::string remote_worker::text() const {
  const bool is_six = host.find(':') != std::string::npos;
  return (is_six ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

worker_launcher dial_worker(remote_worker where) {
  return [where = std::move(where)] { return dial(where); };
}

} // namespace provision
