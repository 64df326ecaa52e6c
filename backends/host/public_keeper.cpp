#include "backends/host/public_keeper.hpp"

#include <array>

#include <poll.h>
#include <sys/eventfd.h>

#include "backends/host/retry_schedule.hpp"

namespace provision {

expected<std::unique_ptr<public_keeper>>
public_keeper::start(host_public_ip_backend& backend, listener restored,
                     std::chrono::milliseconds pause) {
  auto news = change_bell::open(backend.space());
  if (!news)
    return fail(news.error());
  file_descriptor end{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!end)
    return fail(last_system_error("make an event"));
  std::unique_ptr<public_keeper> made{new public_keeper{
    backend, std::move(restored), pause, std::move(*news), std::move(end)}};
  made->thread_ = std::thread{[keeper = made.get()] { keeper->watch(); }};
  return made;
}

public_keeper::public_keeper(host_public_ip_backend& backend, listener restored,
                             std::chrono::milliseconds pause, change_bell news,
                             file_descriptor end)
  : backend_{backend}, restored_{std::move(restored)}, pause_{pause},
    news_{std::move(news)}, end_{std::move(end)} {
}

public_keeper::~public_keeper() {
  stopping_ = true;
  ::eventfd_write(end_.number(), 1);
  thread_.join();
}

void public_keeper::watch() {
  // All of it is one thing to restore.
  const std::string all = "public";
  retry_schedule retries;
  while (!stopping_) {
    // Before the look: what changes during it is news again, our own changes
    // too; the next look then finds nothing to do.
    news_.clear();
    const auto done = backend_.restore();
    if (done)
      retries.clear(all);
    else
      retries.put_off(all);
    if (!done || *done)
      restored_(done ? error{} : done.error());
    // The end is heard at any time; news only after the pause, and not while
    // something fails: a vain try is news itself.
    std::array<pollfd, 3> events{{{end_.number(), POLLIN, 0},
                                  {news_.filters(), POLLIN, 0},
                                  {news_.links(), POLLIN, 0}}};
    if (::poll(events.data(), 1, static_cast<int>(pause_.count())) == 0)
      ::poll(events.data(), done ? events.size() : 1, retries.patience());
  }
}

} // namespace provision
