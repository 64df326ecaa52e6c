#include "backends/host/network_keeper.hpp"

#include <optional>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>

#include "backends/host/command.hpp"
#include "backends/host/retry_schedule.hpp"

namespace provision {

namespace {

/// The process that serves a network's tunnel.
struct helper {
  std::string id = {};
  file_descriptor process = {};
};

/// What the keeper's thread knows; all of it can be learned anew.
struct watch_list {
  host_network_backend& backend;
  const network_keeper::listener& restored;
  /// Networks that could not be restored.
  retry_schedule retries = {};
  std::vector<helper> helpers = {};

  /// At the start every network is looked at once.
  void begin() {
    for (const auto& id : ids())
      restore(id);
  }

  std::vector<std::string> ids() const {
    // What cannot be listed now is listed at the next event.
    return backend.recorded().value_or(std::vector<std::string>{});
  }

  void restore(const std::string& id) {
    const auto done = backend.restore(id);
    if (done) {
      retries.clear(id);
      if (*done)
        restored(id, {});
      return;
    }
    retries.put_off(id);
    restored(id, done.error());
  }

  /// Restores what lost its helper and what is due, and finds the helpers anew.
  void round() {
    reap_launched();
    helpers.clear();
    for (const auto& id : ids()) {
      auto process = find_helper(id);
      const bool due = retries.contains(id)
                         ? retries.is_due(id)
                         : backend.needs_helpers() && !process;
      if (due) {
        restore(id);
        process = find_helper(id);
      }
      if (process)
        helpers.push_back({id, std::move(process)});
    }
  }

  file_descriptor find_helper(const std::string& id) const {
    const auto number = backend.helper(id);
    return number && *number != 0 ? open_process(*number) : file_descriptor{};
  }
};

} // namespace

expected<std::unique_ptr<network_keeper>>
network_keeper::start(host_network_backend& backend, listener restored) {
  file_descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!bell)
    return fail(last_system_error("make an event"));
  std::unique_ptr<network_keeper> made{
    new network_keeper{backend, std::move(restored), std::move(bell)}};
  backend.on_change([keeper = made.get()] { keeper->look_again(); });
  made->thread_ = std::thread{[keeper = made.get()] { keeper->watch(); }};
  return made;
}

network_keeper::network_keeper(host_network_backend& backend, listener restored,
                               file_descriptor bell)
  : backend_{backend}, restored_{std::move(restored)}, bell_{std::move(bell)} {
}

network_keeper::~network_keeper() {
  backend_.on_change({});
  stopping_ = true;
  look_again();
  thread_.join();
}

void network_keeper::look_again() const {
  ::eventfd_write(bell_.number(), 1);
}

void network_keeper::watch() {
  watch_list list{.backend = backend_, .restored = restored_};
  list.begin();
  while (!stopping_) {
    list.round();
    std::vector<pollfd> events{{bell_.number(), POLLIN, 0}};
    for (const auto& [id, process] : list.helpers)
      events.push_back({process.number(), POLLIN, 0});
    ::poll(events.data(), events.size(), list.retries.patience());
    eventfd_t rings = 0;
    ::eventfd_read(bell_.number(), &rings);
  }
}

} // namespace provision
