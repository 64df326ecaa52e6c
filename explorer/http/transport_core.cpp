#include "explorer/http/transport_core.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace provision {

namespace asio = boost::asio;

namespace {

/// How long an exchange may take at most.
constexpr std::chrono::milliseconds allowed_max = std::chrono::hours{24};

/// How many reports share a connection, in how many bytes, and on how many
/// connections that happens: then what a packet costs is more than what the
/// waiting for one another does.
constexpr std::size_t share_max = 8;
constexpr std::size_t share_bytes_max = 16U << 10U;
constexpr std::ptrdiff_t shared_connections_max = 2;

/// An explorer that says nothing for so many of its usual times is not quick.
constexpr int silence = 20;

void finish(http_exchange& exchange, expected<http_response> result) {
  if (exchange.is_over)
    return;
  exchange.is_over = true;
  auto done = std::move(exchange.done);
  done(std::move(result));
}

/// The first of `from` that still waits for an answer.
http_exchange_ptr pop(std::deque<http_exchange_ptr>& from) {
  while (!from.empty()) {
    auto exchange = std::move(from.front());
    from.pop_front();
    if (!exchange->is_over)
      return exchange;
  }
  return nullptr;
}

} // namespace

transport_core::transport_core(http_connection_settings settings,
                               std::size_t connections,
                               std::chrono::microseconds quick)
  : settings_{std::move(settings)}, quick_{quick} {
  for (std::size_t i = 0; i < connections; ++i) {
    lines_.push_back(std::make_unique<line>(context_, settings_));
    idle_.push_back(lines_.back().get());
  }
}

// -- in -----------------------------------------------------------------------

void transport_core::send(http_request request,
                          std::function<void(expected<http_response>)> done) {
  auto wire = request_text(request, settings_.style);
  if (!wire)
    return done(fail(std::move(wire.error())));
  auto exchange = std::make_shared<http_exchange>();
  exchange->wire = std::move(*wire);
  exchange->is_head = request.method == "HEAD";
  exchange->may_share = request.method == "PUT";
  exchange->is_repeatable = exchange->is_head || exchange->may_share
                            || request.method == "GET"
                            || request.method == "DELETE";
  exchange->done = std::move(done);
  exchange->begun = clock::now();
  exchange->due = exchange->begun + std::min(request.deadline, allowed_max);
  std::unique_lock lock{mutex_};
  if (is_stopping_) {
    lock.unlock();
    return finish(*exchange, fail(stopping(*exchange)));
  }
  inbox_.push_back(std::move(exchange));
  if (inbox_.size() == 1)
    asio::post(context_, [this] { take_in(); });
}

void transport_core::take_in() {
  for (auto& exchange : empty_inbox()) {
    watch_until(exchange->due);
    auto& own = exchange->may_share ? reports_ : queue_;
    own.push_back(std::move(exchange));
  }
  dispatch();
}

transport_core::queue transport_core::empty_inbox() {
  std::lock_guard lock{mutex_};
  return std::exchange(inbox_, {});
}

// -- over which connection ----------------------------------------------------

void transport_core::dispatch() {
  // The connection used last is warm, and the others may grow cold.
  while (!idle_.empty() && fill(*idle_.back())) {
    auto* next = idle_.back();
    idle_.pop_back();
    asio::co_spawn(context_, serve(*next), asio::detached);
  }
}

/// Gives `to` what comes next, if anything does.
bool transport_core::fill(line& to) {
  to.busy_since = clock::now();
  if (auto first = pop(queue_)) {
    to.connection.current.push_back(std::move(first));
    return true;
  }
  if (is_quick(to.busy_since))
    return share(to);
  if (auto first = pop(reports_))
    to.connection.current.push_back(std::move(first));
  return !to.connection.current.empty();
}

bool transport_core::share(line& to) {
  if (std::ranges::count_if(lines_, [](auto& one) { return one->is_shared; })
      >= shared_connections_max)
    return false;
  auto& current = to.connection.current;
  std::size_t bytes = 0;
  // What a closed connection swallows need not be more than one.
  const auto count_max = to.connection.is_usable() ? share_max : std::size_t{1};
  while (current.size() < count_max && bytes < share_bytes_max) {
    auto next = pop(reports_);
    if (!next)
      break;
    bytes += next->wire.size();
    current.push_back(std::move(next));
  }
  to.is_shared = !current.empty();
  return to.is_shared;
}

bool transport_core::is_quick(clock::time_point now) const {
  return pace_.is_within(quick_)
         && std::ranges::none_of(lines_, [&](auto& one) {
              return one->is_shared && now - one->busy_since > silence * quick_;
            });
}

asio::awaitable<void> transport_core::serve(line& on) {
  do {
    // Only what reports take says whether reports may share.
    const bool are_reports = on.connection.current.front()->may_share;
    std::size_t answered = 0;
    // Not one co_await of either: GCC 12 breaks the frame of such a choice.
    if (on.connection.current.size() == 1)
      answered = co_await carry_one(on);
    else
      answered = co_await carry_all(on);
    if (are_reports && answered > 0)
      pace_.note(clock::now() - on.busy_since, answered);
    on.is_shared = false;
  } while (fill(on));
  idle_.push_back(&on);
  dispatch();
}

asio::awaitable<std::size_t> transport_core::carry_one(line& on) {
  auto exchange = on.connection.current.front();
  expected<http_response> result;
  try {
    result = co_await on.connection.carry_one();
  } catch (const std::exception& reason) {
    result = fail(exchange_failure(*exchange, settings_, reason.what(), 0));
  }
  on.connection.current.clear();
  const std::size_t answered = result ? 1 : 0;
  finish(*exchange, std::move(result));
  co_return answered;
}

/// Who gets no answer is sent once more, alone.
asio::awaitable<std::size_t> transport_core::carry_all(line& on) {
  auto& left = on.connection.current;
  const auto all = left.size();
  const http_connection::take_answer take = finish;
  try {
    co_await on.connection.carry_all(take);
  } catch (const std::exception&) {
    on.connection.abort();
  }
  const auto answered = all - left.size();
  for (; !left.empty(); left.pop_back()) {
    left.back()->may_share = false;
    queue_.push_front(std::move(left.back()));
  }
  co_return answered;
}

// -- when time is up ----------------------------------------------------------

/// One timer for all, which is not touched for each: it fires when the first
/// could be due, and looks.
void transport_core::watch_until(clock::time_point due) {
  if (due >= watched_until_)
    return;
  watched_until_ = due;
  watch_.expires_at(due);
  watch_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      expire_due();
  });
}

void transport_core::expire_due() {
  const auto now = clock::now();
  watched_until_ = clock::time_point::max();
  for (auto* waiting : {&queue_, &reports_})
    for (const auto& exchange : *waiting)
      expire_if_due(*exchange, now);
  for (const auto& one : lines_) {
    bool is_any_due = false;
    for (const auto& exchange : one->connection.current)
      is_any_due = expire_if_due(*exchange, now) || is_any_due;
    if (is_any_due)
      one->connection.abort();
  }
}

bool transport_core::expire_if_due(http_exchange& exchange,
                                   clock::time_point now) {
  if (exchange.is_over)
    return false;
  if (exchange.due > now) {
    watch_until(exchange.due);
    return false;
  }
  finish(exchange, fail(exchange_failure(exchange, settings_, "time-out", 0)));
  return true;
}

// -- the end ------------------------------------------------------------------

std::future<bool> transport_core::begin_shutdown() {
  std::lock_guard lock{mutex_};
  is_stopping_ = true;
  auto ends_at_once = std::make_shared<std::promise<bool>>();
  asio::post(context_, [this, ends_at_once] {
    shut_down();
    ends_at_once->set_value(!is_looking_up());
  });
  return ends_at_once->get_future();
}

error transport_core::stopping(const http_exchange& exchange) const {
  return exchange_failure(exchange, settings_, "the node is stopping", 0);
}

void transport_core::shut_down() {
  auto unanswered = empty_inbox();
  for (const auto* waiting : {&queue_, &reports_})
    unanswered.insert(unanswered.end(), waiting->begin(), waiting->end());
  for (const auto& one : lines_)
    unanswered.insert(unanswered.end(), one->connection.current.begin(),
                      one->connection.current.end());
  for (const auto& exchange : unanswered)
    finish(*exchange, fail(stopping(*exchange)));
  context_.stop();
}

bool transport_core::is_looking_up() const {
  return std::ranges::any_of(
    lines_, [](auto& one) { return one->connection.is_looking_up(); });
}

} // namespace provision
