#include "backends/host/output_forwarding.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "backends/host/folder.hpp"
#include "backends/host/output_targets_file.hpp"
#include "backends/host/start_thread.hpp"
#include "shim/process_spec.hpp"
#include "shim/process_state.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto targets_name = "targets";

/// Until all have ended, or the time is up.
template <class Forwarders>
void wait_until_over(const Forwarders& all,
                     std::chrono::milliseconds patience) {
  const auto until = steady::now() + patience;
  for (const auto& one : all) {
    pollfd event{one->over(), POLLIN, 0};
    const auto left
      = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now());
    ::poll(&event, 1, static_cast<int>(std::max<long long>(left.count(), 0)));
  }
}

} // namespace

expected<std::unique_ptr<output_forwarding>>
output_forwarding::start(output_forwarding_options options) {
  file_descriptor news{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  file_descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  file_descriptor over{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!news || !bell || !over)
    return fail(last_system_error("hear what workloads write"));
  const auto place = folder::make(options.folder);
  if (!place)
    return fail(place.error());
  std::unique_ptr<output_forwarding> made{new output_forwarding{
    std::move(options), std::move(news), std::move(bell), std::move(over)}};
  if (made->options_.only_notes)
    return made;
  made->look();
  if (auto failed
      = start_thread(made->thread_, [all = made.get()] { all->listen(); }))
    return fail(std::move(failed));
  return made;
}

output_forwarding::output_forwarding(output_forwarding_options options,
                                     file_descriptor news, file_descriptor bell,
                                     file_descriptor over)
  : options_{std::move(options)}, news_{std::move(news)},
    bell_{std::move(bell)}, over_{std::move(over)} {
}

output_forwarding::~output_forwarding() {
  ::eventfd_write(over_.number(), 1);
  if (thread_.joinable())
    thread_.join();
}

std::string output_forwarding::path(const std::string& id,
                                    const std::string& name) const {
  return options_.folder + '/' + id + '/' + name;
}

error output_forwarding::note(const std::string& id,
                              const std::vector<output_target>& targets) const {
  const auto file = path(id, targets_name);
  if (targets.empty())
    return ::unlink(file.c_str()) == 0 || errno == ENOENT
             ? error{}
             : last_system_error("remove " + file);
  auto text = std::string{write_targets(targets).reveal()};
  auto failed = shim::write_durably(file, text);
  wipe(text);
  return failed;
}

expected<output_forwarding::watched>
output_forwarding::make(const std::string& id) const {
  auto text = read_whole(path(id, targets_name));
  if (!text)
    return fail(text.error());
  const auto targets = read_targets(*text);
  wipe(*text);
  if (!targets)
    return fail(targets.error());
  watched made;
  for (const auto& one : *targets)
    if (auto failed = one.stream == output_stream::usage
                        ? make_meter(id, one.to, made)
                        : make_one(id, one, made))
      return fail(std::move(failed));
  return made;
}

error output_forwarding::make_one(const std::string& id,
                                  const output_target& target,
                                  watched& into) const {
  const auto place = "sent-" + std::to_string(into.all.size());
  auto started = output_forwarder::start(
    {.kept
     = path(id, target.stream == output_stream::output ? shim::output_name
                                                       : shim::errors_name),
     .place_file = path(id, place),
     .to = target.to,
     .patience = options_.patience,
     .may_reach = options_.may_reach,
     .on_change = [tell = options_.on_change, id, which = target.stream](
                    const error& failed) { tell(id, which, failed); }});
  if (!started)
    return std::move(started.error());
  into.all.push_back(std::move(*started));
  return {};
}

error output_forwarding::make_meter(const std::string& id,
                                    const redis_channel& to,
                                    watched& into) const {
  auto started = usage_forwarder::start(
    {.to = to,
     .pace = options_.pace,
     .patience = options_.patience,
     .may_reach = options_.may_reach,
     .measure = [file = path(id, shim::spec_name)]() -> expected<usage_sample> {
       const auto spec = shim::read_spec(shim::read_small(file));
       return spec ? sample_groups(spec->groups) : fail(spec.error());
     },
     .on_change
     = [tell = options_.on_change,
        id](const error& failed) { tell(id, output_stream::usage, failed); }});
  if (!started)
    return std::move(started.error());
  into.meters.push_back(std::move(*started));
  return {};
}

void output_forwarding::begin(const std::string& id) {
  if (options_.only_notes
      || ::access(path(id, targets_name).c_str(), F_OK) != 0)
    return;
  const std::lock_guard lock{mutex_};
  if (watched_.contains(id))
    return;
  // Watched first: what is written between is found by the first look.
  const int watch = ::inotify_add_watch(
    news_.number(), (options_.folder + '/' + id).c_str(), IN_MODIFY);
  auto made
    = watch < 0 ? fail(last_system_error("watch what it writes")) : make(id);
  if (made) {
    made->watch = watch;
    watched_[id] = std::move(*made);
    return;
  }
  if (watch >= 0)
    ::inotify_rm_watch(news_.number(), watch);
  for (const auto which : {output_stream::output, output_stream::errors})
    options_.on_change(id, which, made.error());
}

void output_forwarding::end(const std::string& id) {
  watched over;
  {
    const std::lock_guard lock{mutex_};
    const auto found = watched_.find(id);
    if (found == watched_.end())
      return;
    ::inotify_rm_watch(news_.number(), found->second.watch);
    over = std::move(found->second);
    watched_.erase(found);
  }
  over.meters.clear();
  for (const auto& one : over.all)
    one->finish();
  wait_until_over(over.all, options_.last_patience);
}

void output_forwarding::look_again() {
  ::eventfd_write(bell_.number(), 1);
}

void output_forwarding::look() {
  const auto place = folder::make(options_.folder);
  const auto ids = place ? place->names() : fail(place.error());
  if (!ids)
    return;
  for (const auto& id : *ids)
    begin(id);
  std::vector<std::string> gone;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [id, one] : watched_)
      if (::access(path(id, targets_name).c_str(), F_OK) != 0)
        gone.push_back(id);
  }
  for (const auto& id : gone)
    end(id);
}

void output_forwarding::listen() {
  std::array<pollfd, 3> events{pollfd{news_.number(), POLLIN, 0},
                               pollfd{bell_.number(), POLLIN, 0},
                               pollfd{over_.number(), POLLIN, 0}};
  for (;;) {
    ::poll(events.data(), events.size(), -1);
    if (events[2].revents != 0)
      return;
    hear();
    eventfd_t rung = 0;
    if (::eventfd_read(bell_.number(), &rung) == 0)
      look();
  }
}

void output_forwarding::hear() {
  std::array<char, 16384> chunk{};
  std::vector<int> written;
  for (ssize_t size = 0;
       (size = ::read(news_.number(), chunk.data(), chunk.size())) > 0;) {
    const auto* at = chunk.data();
    while (at < chunk.data() + size) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const std::string_view file{event.len == 0 ? "" : at + sizeof event};
      // -1: there was more than is kept; any may have written.
      if (event.wd < 0 || file == shim::output_name
          || file == shim::errors_name)
        written.push_back(event.wd);
      at += sizeof event + event.len;
    }
  }
  const std::lock_guard lock{mutex_};
  const bool all = std::ranges::find(written, -1) != written.end();
  for (const auto& [id, one] : watched_)
    if (all || std::ranges::find(written, one.watch) != written.end())
      for (const auto& forwarder : one.all)
        forwarder->ring();
}

} // namespace provision
