#include "backends/host/ipv6_gateway_keeper.hpp"

#include <array>

#include <poll.h>
#include <sys/eventfd.h>

#include "backends/host/command.hpp"
#include "backends/host/retry_schedule.hpp"

namespace provision {

expected<std::unique_ptr<ipv6_gateway_keeper>>
ipv6_gateway_keeper::start(host_ipv6_gateway_backend& backend,
                           listener restored, std::chrono::milliseconds pause) {
  auto news = change_bell::open(backend.underlay());
  if (!news)
    return fail(news.error());
  file_descriptor end{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  file_descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!end || !bell)
    return fail(last_system_error("make an event"));
  std::unique_ptr<ipv6_gateway_keeper> made{
    new ipv6_gateway_keeper{backend, std::move(restored), pause,
                            std::move(*news), std::move(end), std::move(bell)}};
  backend.on_change([keeper = made.get()] { keeper->look_again(); });
  made->thread_ = std::thread{[keeper = made.get()] { keeper->watch(); }};
  return made;
}

ipv6_gateway_keeper::ipv6_gateway_keeper(host_ipv6_gateway_backend& backend,
                                         listener restored,
                                         std::chrono::milliseconds pause,
                                         change_bell news, file_descriptor end,
                                         file_descriptor bell)
  : backend_{backend}, restored_{std::move(restored)}, pause_{pause},
    news_{std::move(news)}, end_{std::move(end)}, bell_{std::move(bell)} {
}

ipv6_gateway_keeper::~ipv6_gateway_keeper() {
  backend_.on_change({});
  stopping_ = true;
  ::eventfd_write(end_.number(), 1);
  thread_.join();
}

void ipv6_gateway_keeper::look_again() const {
  ::eventfd_write(bell_.number(), 1);
}

void ipv6_gateway_keeper::watch() {
  // All of it is one thing to restore.
  const std::string all = "gateway4to6";
  retry_schedule retries;
  while (!stopping_) {
    reap_launched();
    // Before the look: what changes during it is news again, our own changes
    // too; the next look then finds nothing to do.
    eventfd_t rung = 0;
    ::eventfd_read(bell_.number(), &rung);
    news_.clear();
    const auto done = backend_.restore();
    if (done)
      retries.clear(all);
    else
      retries.put_off(all);
    if (!done || *done)
      restored_(done ? error{} : done.error());
    wait(!done, retries.patience());
  }
}

/// The end is heard at any time; news only after the pause, and not while
/// something fails: a vain try is news itself.
void ipv6_gateway_keeper::wait(bool failed, int patience) const {
  const auto number = backend_.helper();
  const auto helper
    = number && *number != 0 ? open_process(*number) : file_descriptor{};
  std::array<pollfd, 4> events{{{end_.number(), POLLIN, 0},
                                {bell_.number(), POLLIN, 0},
                                {helper.number(), POLLIN, 0},
                                {news_.links(), POLLIN, 0}}};
  if (::poll(events.data(), 1, static_cast<int>(pause_.count())) != 0)
    return;
  // One that has ended since the look rings no bell any more.
  if (!failed && !helper && backend_.needs_helper())
    return;
  ::poll(events.data(), failed ? 1 : events.size(), patience);
}

} // namespace provision
