#include "backends/host/change_keeper.hpp"

#include <array>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>

#include "backends/host/command.hpp"
#include "backends/host/retry_schedule.hpp"

namespace provision {

expected<std::unique_ptr<change_keeper>> change_keeper::start(duties what) {
  auto news = change_bell::open(what.space);
  if (!news)
    return fail(news.error());
  file_descriptor end{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  file_descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!end || !bell)
    return fail(last_system_error("make an event"));
  std::unique_ptr<change_keeper> made{new change_keeper{
    std::move(what), std::move(*news), std::move(end), std::move(bell)}};
  made->thread_ = std::thread{[keeper = made.get()] { keeper->watch(); }};
  return made;
}

change_keeper::change_keeper(duties what, change_bell news, file_descriptor end,
                             file_descriptor bell)
  : duties_{std::move(what)}, news_{std::move(news)}, end_{std::move(end)},
    bell_{std::move(bell)} {
}

change_keeper::~change_keeper() {
  stopping_ = true;
  ::eventfd_write(end_.number(), 1);
  thread_.join();
}

void change_keeper::look_again() const {
  ::eventfd_write(bell_.number(), 1);
}

void change_keeper::watch() {
  // All of it is one thing to restore.
  const std::string all = "all";
  retry_schedule retries;
  while (!stopping_) {
    reap_launched();
    // Before the look: what changes during it is news again, our own changes
    // too; the next look then finds nothing to do.
    eventfd_t rung = 0;
    ::eventfd_read(bell_.number(), &rung);
    news_.clear();
    const auto done = duties_.restore();
    if (done)
      retries.clear(all);
    else
      retries.put_off(all);
    if (!done || *done)
      duties_.restored(done ? error{} : done.error());
    wait(!done, retries.patience());
  }
}

/// The end is heard at any time; news only after the pause, and not while
/// something fails: a vain try is news itself.
void change_keeper::wait(bool failed, int patience) const {
  // A number below 0 is passed over.
  constexpr int nobody = -1;
  const auto server = duties_.server();
  std::array<pollfd, 5> events{
    {{end_.number(), POLLIN, 0},
     {bell_.number(), POLLIN, 0},
     {news_.links(), POLLIN, 0},
     {duties_.hears_filters ? news_.filters() : nobody, POLLIN, 0},
     {server ? server->number() : nobody, POLLIN, 0}}};
  if (::poll(events.data(), 1, static_cast<int>(duties_.pause.count())) != 0)
    return;
  // One that has ended since the look rings no bell any more.
  if (!failed && server && !*server)
    return;
  ::poll(events.data(), failed ? 1 : events.size(), patience);
}

} // namespace provision
