#pragma once

#include <utility>

#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "explorer/http/answer_pace.hpp"
#include "explorer/http/http_connection.hpp"
#include "explorer/http_transport.hpp"

namespace provision {

/// The io context, the queues and the connections of a transport. Apart from
/// `send` and `begin_shutdown`, everything runs on the thread that calls `run`.
class transport_core {
public:
  /// `quick`: within which time an explorer answers that gets several reports
  /// at a time over one connection; zero: none does.
  transport_core(http_connection_settings settings, std::size_t connections,
                 std::chrono::microseconds quick);

  void run() { context_.run(); }

  void send(http_request request,
            std::function<void(expected<http_response>)> done);

  /// Completes everything; yields whether the thread will end at once.
  std::future<bool> begin_shutdown();

private:
  using clock = http_exchange::clock;
  using queue = std::deque<http_exchange_ptr>;

  /// One connection and what is kept in mind of it.
  struct line {
    line(boost::asio::io_context& context,
         const http_connection_settings& settings)
      : connection{context, settings} {}

    http_connection connection;
    /// Carries reports of which several may be under way.
    bool is_shared = false;
    /// Since when `connection.current` is under way.
    clock::time_point busy_since = {};
  };

  void take_in();
  queue empty_inbox();

  void dispatch();
  bool fill(line& to);
  bool share(line& to);
  bool is_quick(clock::time_point now) const;
  boost::asio::awaitable<void> serve(line& on);
  /// Yield how many were answered.
  boost::asio::awaitable<std::size_t> carry_one(line& on);
  boost::asio::awaitable<std::size_t> carry_all(line& on);

  void watch_until(clock::time_point due);
  void expire_due();
  bool expire_if_due(http_exchange& exchange, clock::time_point now);

  error stopping(const http_exchange& exchange) const;
  void shut_down();
  bool is_looking_up() const;

  http_connection_settings settings_;
  std::chrono::microseconds quick_;
  // Handlers and coroutines that never ran to their end die with the context,
  // while the connections that they refer to are gone already but untouched.
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    work_{context_.get_executor()};
  boost::asio::steady_timer watch_{context_};
  clock::time_point watched_until_ = clock::time_point::max();
  std::vector<std::unique_ptr<line>> lines_ = {};
  std::vector<line*> idle_ = {};
  queue queue_ = {};
  /// Those that may share a connection.
  queue reports_ = {};
  answer_pace pace_ = {};
  std::mutex mutex_ = {};
  queue inbox_ = {};
  bool is_stopping_ = false;
};

} // namespace provision
