#include "backends/host/usage_forwarder.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>

#include "backends/host/start_thread.hpp"

namespace provision {

namespace {

constexpr std::chrono::milliseconds first_retry{1000};
constexpr std::chrono::milliseconds longest_retry{60000};

} // namespace

void wait_for_real(std::chrono::milliseconds span, int interruption) {
  pollfd event{interruption, POLLIN, 0};
  ::poll(&event, 1, static_cast<int>(span.count()));
}

expected<std::unique_ptr<usage_forwarder>>
usage_forwarder::start(usage_forwarder_options options) {
  file_descriptor end{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!end)
    return fail(last_system_error("make an event"));
  std::unique_ptr<usage_forwarder> made{
    new usage_forwarder{std::move(options), std::move(end)}};
  if (auto failed = start_thread(
        made->thread_, [forwarder = made.get()] { forwarder->work(); }))
    return fail(std::move(failed));
  return made;
}

usage_forwarder::usage_forwarder(usage_forwarder_options options,
                                 file_descriptor end)
  : options_{std::move(options)}, end_{std::move(end)},
    publisher_{{.to = options_.to,
                .patience = options_.patience,
                .interruption = end_.number(),
                .may_reach = options_.may_reach}} {
}

usage_forwarder::~usage_forwarder() {
  ::eventfd_write(end_.number(), 1);
  if (thread_.joinable())
    thread_.join();
}

bool usage_forwarder::is_to_end() const {
  pollfd event{end_.number(), POLLIN, 0};
  return ::poll(&event, 1, 0) > 0;
}

void usage_forwarder::work() {
  const auto& pace = options_.pace;
  auto retry = first_retry;
  while (!is_to_end()) {
    auto pause = pace.period;
    if (const auto sample = options_.measure()) {
      const auto failed
        = publisher_.publish({document_of(*sample, pace.clock->now().seconds)});
      if (failed.code == errc::shutting_down)
        return;
      tell(failed);
      if (failed)
        pause = retry;
      retry = failed ? std::min(retry * 2, longest_retry) : first_retry;
    }
    pace.wait(pause, end_.number());
  }
}

/// Once for each change: a server that is away is no news every minute.
void usage_forwarder::tell(const error& failed) {
  if (std::exchange(arrives_, !failed) != !failed)
    options_.on_change(failed);
}

} // namespace provision
