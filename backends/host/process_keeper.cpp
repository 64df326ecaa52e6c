#include "backends/host/process_keeper.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>

#include "backends/host/retry_schedule.hpp"

namespace provision {

namespace {

using state = process_facts::state;

/// What the keeper's thread knows; all of it can be learned anew.
struct watch_list {
  const supervised_processes& processes;
  const process_keeper::duties& duties;
  /// Those for which something could not be done.
  retry_schedule retries = {};
  /// Those that need nothing more.
  std::set<std::string> told = {};
  std::vector<file_descriptor> shims = {};

  void round() {
    shims.clear();
    // What cannot be listed now is listed at the next event.
    const auto ids = processes.ids().value_or(std::vector<std::string>{});
    forget_absent(ids);
    for (const auto& id : ids) {
      if (auto shim = processes.watch(id)) {
        told.erase(id);
        retries.clear(id);
        shims.push_back(std::move(shim));
        continue;
      }
      if (!retries.contains(id) || retries.is_due(id))
        care_for(id);
    }
  }

  void forget_absent(const std::vector<std::string>& ids) {
    const auto is_absent = [&](const std::string& id) {
      return !std::ranges::binary_search(ids, id);
    };
    std::erase_if(told, is_absent);
    retries.clear_if(is_absent);
  }

  void care_for(const std::string& id) {
    const auto facts = processes.look(id);
    const bool is_over = has_given_up(facts);
    if (told.contains(id) || facts.is == state::absent)
      return;
    if (const auto failed
        = is_over ? duties.lost(id, describe(*facts.exit)) : restore(id))
      return retries.put_off(id);
    retries.clear(id);
    if (is_over)
      told.insert(id);
    else if (auto shim = processes.watch(id))
      shims.push_back(std::move(shim));
    else
      retries.put_off(id);
  }

  error restore(const std::string& id) {
    const auto done = duties.restore(id);
    const auto failed = done ? error{} : done.error();
    if (failed || *done)
      duties.restored(id, failed);
    return failed;
  }
};

} // namespace

expected<std::unique_ptr<process_keeper>>
process_keeper::start(const supervised_processes& processes, duties what) {
  file_descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!bell)
    return fail(last_system_error("make an event"));
  std::unique_ptr<process_keeper> made{
    new process_keeper{processes, std::move(what), std::move(bell)}};
  made->thread_ = std::thread{[keeper = made.get()] { keeper->watch(); }};
  return made;
}

process_keeper::process_keeper(const supervised_processes& processes,
                               duties what, file_descriptor bell)
  : processes_{processes}, duties_{std::move(what)}, bell_{std::move(bell)} {
}

process_keeper::~process_keeper() {
  stopping_ = true;
  look_again();
  thread_.join();
}

void process_keeper::look_again() const {
  ::eventfd_write(bell_.number(), 1);
}

void process_keeper::watch() {
  watch_list list{.processes = processes_, .duties = duties_};
  while (!stopping_) {
    list.round();
    std::vector<pollfd> events{{bell_.number(), POLLIN, 0}};
    for (const auto& shim : list.shims)
      events.push_back({shim.number(), POLLIN, 0});
    ::poll(events.data(), events.size(), list.retries.patience());
    eventfd_t rings = 0;
    ::eventfd_read(bell_.number(), &rings);
  }
}

} // namespace provision
