#include "backends/host/process_keeper.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>

namespace provision {

namespace {

using steady = std::chrono::steady_clock;
using state = process_facts::state;
using cause = shim::process_exit::cause;

constexpr std::chrono::milliseconds first_delay{1000};
constexpr std::chrono::milliseconds longest_delay{60000};

/// A process for which something could not be done.
struct retry {
  std::chrono::milliseconds delay = first_delay;
  steady::time_point due = {};
};

/// What the keeper's thread knows; all of it can be learned anew.
struct watch_list {
  const supervised_processes& processes;
  const process_keeper::duties& duties;
  std::map<std::string, retry> retries = {};
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
        retries.erase(id);
        shims.push_back(std::move(shim));
        continue;
      }
      const auto again = retries.find(id);
      if (again == retries.end() || steady::now() >= again->second.due)
        care_for(id);
    }
  }

  void forget_absent(const std::vector<std::string>& ids) {
    const auto is_absent = [&](const std::string& id) {
      return !std::ranges::binary_search(ids, id);
    };
    std::erase_if(told, is_absent);
    std::erase_if(retries, [&](const auto& one) { return is_absent(one.first); });
  }

  void care_for(const std::string& id) {
    const auto facts = processes.look(id);
    const bool is_over = facts.is == state::ended && facts.exit
                         && facts.exit->why != cause::stopped;
    if (told.contains(id) || (!is_over && facts.is == state::absent))
      return;
    if (const auto failed
        = is_over ? duties.lost(id, describe(*facts.exit)) : restore(id))
      return put_off(id);
    retries.erase(id);
    if (is_over)
      told.insert(id);
    else if (auto shim = processes.watch(id))
      shims.push_back(std::move(shim));
    else
      put_off(id);
  }

  error restore(const std::string& id) {
    const auto done = duties.restore(id);
    const auto failed = done ? error{} : done.error();
    if (failed || *done)
      duties.restored(id, failed);
    return failed;
  }

  void put_off(const std::string& id) {
    auto& again = retries[id];
    again.due = steady::now() + again.delay;
    again.delay = std::min(again.delay * 2, longest_delay);
  }

  /// Milliseconds to the next try; for ever if there is none.
  int patience() const {
    auto result = std::chrono::milliseconds::max();
    for (const auto& [id, again] : retries)
      result = std::min(result, std::chrono::ceil<std::chrono::milliseconds>(
                                  again.due - steady::now()));
    return retries.empty()
             ? -1
             : static_cast<int>(std::max<long long>(result.count(), 0));
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
    ::poll(events.data(), events.size(), list.patience());
    eventfd_t rings = 0;
    ::eventfd_read(bell_.number(), &rings);
  }
}

} // namespace provision
