#include "explorer/http/beast_transport.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "explorer/http/http_connection.hpp"
#include "messages/batch_thread.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace provision {

namespace asio = boost::asio;

namespace {

using exchange_ptr = std::shared_ptr<http_exchange>;

/// The io context, the queue and the connections. Apart from `send` and
/// `begin_shutdown`, everything runs on the transport's thread.
class transport_core {
public:
  transport_core(http_connection_settings settings, std::size_t connections)
    : settings_{std::move(settings)} {
    for (std::size_t i = 0; i < connections; ++i) {
      connections_.push_back(
        std::make_unique<http_connection>(context_, settings_));
      idle_.push_back(connections_.back().get());
    }
  }

  void run() { context_.run(); }

  void send(http_request request,
            std::function<void(expected<http_response>)> done) {
    auto wire = request_text(request, settings_.style);
    if (!wire)
      return done(fail(std::move(wire.error())));
    auto exchange = std::make_shared<http_exchange>();
    exchange->wire = std::move(*wire);
    exchange->is_head = request.method == "HEAD";
    exchange->is_repeatable = exchange->is_head || request.method == "GET"
                              || request.method == "PUT"
                              || request.method == "DELETE";
    exchange->done = std::move(done);
    exchange->begun = http_exchange::clock::now();
    exchange->allowed = std::min(
      request.deadline, std::chrono::milliseconds{std::chrono::hours{24}});
    std::unique_lock lock{mutex_};
    if (is_stopping_) {
      lock.unlock();
      return finish(*exchange, fail(stopping(*exchange)));
    }
    inbox_.push_back(std::move(exchange));
    if (inbox_.size() == 1)
      asio::post(context_, [this] { take_in(); });
  }

  /// Completes everything; yields whether the thread will end at once.
  std::future<bool> begin_shutdown() {
    std::lock_guard lock{mutex_};
    is_stopping_ = true;
    auto ends_at_once = std::make_shared<std::promise<bool>>();
    asio::post(context_, [this, ends_at_once] {
      shut_down();
      ends_at_once->set_value(!is_looking_up());
    });
    return ends_at_once->get_future();
  }

private:
  void take_in() {
    std::deque<exchange_ptr> fresh;
    {
      std::lock_guard lock{mutex_};
      fresh.swap(inbox_);
    }
    for (auto& exchange : fresh) {
      exchange->timer.emplace(context_, exchange->begun + exchange->allowed);
      exchange->timer->async_wait(
        [this, weak = std::weak_ptr{exchange}](boost::system::error_code ec) {
          auto due = weak.lock();
          if (!ec && due)
            expire(due);
        });
      queue_.push_back(std::move(exchange));
    }
    // The connection used last is warm, and the others may grow cold.
    while (!idle_.empty() && !queue_.empty()) {
      auto* connection = idle_.back();
      auto exchange = next();
      if (!exchange)
        break;
      idle_.pop_back();
      connection->current = std::move(exchange);
      asio::co_spawn(context_, serve(*connection), asio::detached);
    }
  }

  /// The first of the queue that still waits for an answer.
  exchange_ptr next() {
    while (!queue_.empty()) {
      auto exchange = std::move(queue_.front());
      queue_.pop_front();
      if (!exchange->is_over)
        return exchange;
    }
    return nullptr;
  }

  asio::awaitable<void> serve(http_connection& connection) {
    for (; connection.current; connection.current = next()) {
      auto exchange = connection.current;
      expected<http_response> result;
      try {
        result = co_await connection.carry(*exchange);
      } catch (const std::exception& reason) {
        result = fail(exchange_failure(*exchange, settings_, reason.what(), 0));
      }
      finish(*exchange, std::move(result));
    }
    idle_.push_back(&connection);
  }

  void expire(const exchange_ptr& exchange) {
    auto failure = exchange_failure(*exchange, settings_, "time-out", 0);
    finish(*exchange, fail(std::move(failure)));
    for (const auto& connection : connections_)
      if (connection->current == exchange)
        connection->abort();
  }

  static void finish(http_exchange& exchange, expected<http_response> result) {
    if (exchange.is_over)
      return;
    exchange.is_over = true;
    if (exchange.timer)
      exchange.timer->cancel();
    auto done = std::move(exchange.done);
    done(std::move(result));
  }

  error stopping(const http_exchange& exchange) const {
    return exchange_failure(exchange, settings_, "the node is stopping", 0);
  }

  void shut_down() {
    take_in_nothing_more();
    for (const auto& exchange : queue_)
      finish(*exchange, fail(stopping(*exchange)));
    for (const auto& connection : connections_)
      if (auto exchange = connection->current)
        finish(*exchange, fail(stopping(*exchange)));
    context_.stop();
  }

  void take_in_nothing_more() {
    std::lock_guard lock{mutex_};
    for (auto& exchange : inbox_)
      queue_.push_back(std::move(exchange));
    inbox_.clear();
  }

  bool is_looking_up() const {
    return std::any_of(
      connections_.begin(), connections_.end(),
      [](const auto& connection) { return connection->is_looking_up(); });
  }

  http_connection_settings settings_;
  // Handlers and coroutines that never ran to their end die with the context,
  // while the connections that they refer to are gone already but untouched.
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{
    context_.get_executor()};
  std::vector<std::unique_ptr<http_connection>> connections_;
  std::vector<http_connection*> idle_;
  std::deque<exchange_ptr> queue_;
  std::mutex mutex_;
  std::deque<exchange_ptr> inbox_;
  bool is_stopping_ = false;
};

class beast_transport final : public http_transport {
public:
  explicit beast_transport(std::shared_ptr<transport_core> core)
    : core_{core}, thread_{[core = std::move(core)] {
        become_batch_thread();
        core->run();
      }} {}

  ~beast_transport() override {
    auto ends_at_once = core_->begin_shutdown();
    // A callback may hold the last reference, and no thread can wait for
    // itself.
    if (thread_.get_id() == std::this_thread::get_id() || !ends_at_once.get())
      thread_.detach();
    else
      thread_.join();
  }

  void send(http_request request,
            std::function<void(expected<http_response>)> done) override {
    core_->send(std::move(request), std::move(done));
  }

private:
  std::shared_ptr<transport_core> core_;
  std::thread thread_;
};

expected<std::unique_ptr<asio::ssl::context>>
make_tls_context(const std::string& ca_file) {
  auto tls
    = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code ec;
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  tls->set_verify_mode(asio::ssl::verify_peer, ec);
  if (!ec && ca_file.empty())
    tls->set_default_verify_paths(ec);
  else if (!ec)
    tls->load_verify_file(ca_file, ec);
  if (ec)
    return fail(errc::invalid_configuration,
                "CA file " + ca_file + ": " + ec.message(), ec.value());
  return tls;
}

} // namespace

expected<std::shared_ptr<http_transport>>
make_http_transport(http_transport_options options) {
  auto target = parse_origin(options.url);
  if (!target)
    return fail(std::move(target.error()));
  auto proxy = proxy_for(options.proxy, *target);
  if (!proxy)
    return fail(std::move(proxy.error()));
  http_connection_settings settings;
  settings.style.target = std::move(*target);
  settings.style.proxy = std::move(*proxy);
  settings.style.user_agent = options.user_agent.empty()
                                ? "provisiond/" PROVISION_VERSION
                                : options.user_agent;
  settings.response_bytes_max = options.response_bytes_max;
  settings.idle_timeout = options.idle_timeout;
  if (settings.style.target.is_tls) {
    auto tls = make_tls_context(options.ca_file);
    if (!tls)
      return fail(std::move(tls.error()));
    settings.tls = std::move(*tls);
  }
  return std::make_shared<beast_transport>(std::make_shared<transport_core>(
    std::move(settings), std::max<std::size_t>(options.connections, 1)));
}

} // namespace provision
