#include "backends/host/log_forwarder.hpp"

#include <array>
#include <memory>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>

#include "backends/host/retry_schedule.hpp"
#include "backends/host/start_thread.hpp"

namespace provision {

namespace {

/// Lines that go out at once.
constexpr std::size_t batch_max = 64;

bool rings(const file_descriptor& bell) {
  pollfd event{bell.number(), POLLIN, 0};
  return ::poll(&event, 1, 0) > 0;
}

} // namespace

expected<std::unique_ptr<log_forwarder>>
log_forwarder::start(debug_order order, log_forwarder_options options) {
  file_descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  file_descriptor end{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!bell || !end)
    return fail(last_system_error("make an event"));
  std::unique_ptr<log_forwarder> made{new log_forwarder{
    std::move(order), std::move(options), std::move(bell), std::move(end)}};
  if (auto failed = start_thread(
        made->thread_, [forwarder = made.get()] { forwarder->work(); }))
    return fail(std::move(failed));
  return made;
}

log_forwarder::log_forwarder(debug_order order, log_forwarder_options options,
                             file_descriptor bell, file_descriptor end)
  : order_{std::move(order)}, options_{std::move(options)},
    bell_{std::move(bell)}, end_{std::move(end)} {
}

log_forwarder::~log_forwarder() {
  ::eventfd_write(end_.number(), 1);
  if (thread_.joinable())
    thread_.join();
}

void log_forwarder::offer(std::string_view line) {
  line = line.substr(0, options_.line_bytes_max);
  const std::lock_guard lock{mutex_};
  waiting_.emplace_back(line);
  waiting_bytes_ += line.size();
  while (waiting_bytes_ > options_.waiting_bytes_max) {
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
    ++dropped_;
  }
  ::eventfd_write(bell_.number(), 1);
}

std::uint64_t log_forwarder::dropped() const {
  const std::lock_guard lock{mutex_};
  return dropped_;
}

/// The next lines, first of all how many there were before them.
void log_forwarder::take() {
  const std::lock_guard lock{mutex_};
  if (dropped_ != dropped_told_) {
    in_hand_.push_back(std::to_string(dropped_ - dropped_told_)
                       + " lines of the log were dropped");
    dropped_told_ = dropped_;
  }
  while (!waiting_.empty() && in_hand_.size() < batch_max) {
    waiting_bytes_ -= waiting_.front().size();
    in_hand_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

error log_forwarder::deliver() {
  if (!client_) {
    auto made = resp_client::connect(
      order_.host, order_.port,
      {.patience = options_.patience, .interruption = end_.number()});
    if (!made)
      return made.error();
    client_ = std::move(*made);
  }
  std::vector<resp_command> commands;
  for (const auto& line : in_hand_)
    commands.push_back({"PUBLISH", order_.channel, line});
  const auto answers = client_->ask(commands);
  if (!answers)
    return answers.error();
  for (const auto& one : *answers)
    if (one.is == resp_answer::kind::refusal)
      return {errc::backend_failure, "the server refuses: " + one.text};
  return {};
}

void log_forwarder::wait(int patience_ms) const {
  std::array<pollfd, 2> events{pollfd{bell_.number(), POLLIN, 0},
                               pollfd{end_.number(), POLLIN, 0}};
  ::poll(events.data(), events.size(), patience_ms);
}

void log_forwarder::work() {
  retry_schedule retries;
  std::optional<bool> arrives;
  while (!rings(end_)) {
    eventfd_t rung = 0;
    ::eventfd_read(bell_.number(), &rung);
    if (retries.contains(order_.id) && !retries.is_due(order_.id)) {
      wait(retries.patience());
      continue;
    }
    if (in_hand_.empty())
      take();
    if (in_hand_.empty()) {
      wait(-1);
      continue;
    }
    const auto failed = deliver();
    if (failed.code == errc::shutting_down)
      return;
    if (failed) {
      client_.reset();
      retries.put_off(order_.id);
    } else {
      sent_ += in_hand_.size();
      in_hand_.clear();
      retries.clear(order_.id);
    }
    // Said only when it changes, or it would be said of itself for ever.
    if (std::exchange(arrives, !failed) != !failed)
      options_.on_change(failed);
  }
}

} // namespace provision
