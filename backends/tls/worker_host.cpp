#include "backends/tls/worker_host.hpp"

#include <chrono>
#include <csignal>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "backends/tls/guest_book.hpp"
#include "backends/tls/tls_relay.hpp"

namespace provision {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// After a failure to accept: files may be short for a moment.
constexpr std::chrono::milliseconds accept_pause{200};
/// Strangers that are still shaking hands.
constexpr int guests_max = 16;

class host {
public:
  explicit host(const worker_host& offered) : offered_{offered} {}

  error serve();

private:
  void accept();
  void greet(tcp::socket connection);
  expected<int> replace_worker(const std::shared_ptr<tls_relay>& relay);
  void forget(const std::shared_ptr<tls_relay>& relay, const std::string& why);

  const worker_host& offered_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer pause_{context_};
  asio::signal_set signals_{context_, SIGTERM, SIGINT};
  guest_book<tls_relay> guests_{guests_max};
  std::shared_ptr<tls_relay> served_ = {};
  std::shared_ptr<worker_process> worker_ = {};
};

error host::serve() {
  const tcp::endpoint at{asio::ip::make_address(offered_.listen.host),
                         offered_.listen.port};
  error_code ec;
  acceptor_.open(at.protocol(), ec);
  if (!ec)
    acceptor_.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec)
    acceptor_.bind(at, ec);
  if (!ec)
    acceptor_.listen(guests_max, ec);
  if (ec)
    return {errc::invalid_configuration,
            "workers.listen: " + at.address().to_string() + " port "
              + std::to_string(at.port()) + ": " + ec.message(),
            ec.value()};
  offered_.on_listening(acceptor_.local_endpoint().port());
  signals_.async_wait([this](error_code, int) { context_.stop(); });
  accept();
  context_.run();
  return {};
}

void host::accept() {
  acceptor_.async_accept([this](error_code ec, tcp::socket connection) {
    if (!ec) {
      greet(std::move(connection));
      return accept();
    }
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](error_code) { accept(); });
  });
}

void host::greet(tcp::socket connection) {
  error_code ignored;
  const auto from = connection.remote_endpoint(ignored).address().to_string();
  watch_connection(connection);
  // The relay keeps what it calls, so what it calls must not keep the relay.
  auto self = std::make_shared<std::weak_ptr<tls_relay>>();
  auto relay = std::make_shared<tls_relay>(
    std::move(connection),
    tls_relay::settings{.tls = offered_.tls,
                        .side = asio::ssl::stream_base::server,
                        .peer = offered_.daemon,
                        .open_near =
                          [this, self, from] {
                            const auto relay = self->lock();
                            guests_.leave(relay);
                            auto made = replace_worker(relay);
                            if (made)
                              offered_.on_event("the daemon at " + from
                                                + " has a worker");
                            return made;
                          },
                        .on_end =
                          [this, self, from](const std::string& why) {
                            forget(self->lock(), from + ' ' + why);
                          }});
  *self = relay;
  if (const auto leaves = guests_.enter(from, relay)) {
    leaves->stop();
    offered_.on_event("turned away: one who did not show who he is made room "
                      "for "
                      + from);
  }
  relay->start();
}

/// One worker must have ended before the next begins: they work on the same
/// files. A daemon that comes too early comes again.
expected<int> host::replace_worker(const std::shared_ptr<tls_relay>& relay) {
  if (served_) {
    offered_.on_event("the daemon has come anew; the worker before is ended");
    std::exchange(served_, nullptr)->stop();
    worker_->kill();
  }
  if (worker_ && !worker_->ending())
    return fail(errc::host_busy, "must wait: the worker before still runs");
  auto started = offered_.launch();
  if (!started)
    return fail(started.error());
  worker_ = std::move(*started);
  served_ = relay;
  return worker_->take_socket();
}

void host::forget(const std::shared_ptr<tls_relay>& relay,
                  const std::string& why) {
  guests_.leave(relay);
  if (relay != served_)
    return offered_.on_event("turned away: " + why);
  served_.reset();
  worker_->kill();
  offered_.on_event("the connection ends: " + why);
}

} // namespace

error serve_workers(const worker_host& offered) {
  return host{offered}.serve();
}

} // namespace provision
