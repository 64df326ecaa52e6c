#include "backends/host/output_forwarder.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backends/host/retry_schedule.hpp"
#include "backends/host/start_thread.hpp"

namespace provision {

namespace {

/// "<file>:<offset>", of one length, so that one write replaces the other.
constexpr auto place_form = "%020llu:%020llu\n";
constexpr std::size_t place_size = 42;
using place_text = std::array<char, place_size + 1>;

output_place read_place(const file_descriptor& file) {
  place_text text{};
  output_place place;
  if (::pread(file.number(), text.data(), place_size, 0)
      != static_cast<ssize_t>(place_size))
    return {};
  const auto* const end = text.data() + place_size;
  const auto [colon, no_file] = std::from_chars(text.data(), end, place.file);
  if (no_file != std::errc{} || *colon != ':')
    return {};
  const auto [line, no_offset] = std::from_chars(colon + 1, end, place.offset);
  return no_offset == std::errc{} && *line == '\n' ? place : output_place{};
}

bool is_rung(const file_descriptor& bell) {
  pollfd event{bell.number(), POLLIN, 0};
  return ::poll(&event, 1, 0) > 0;
}

} // namespace

expected<std::unique_ptr<output_forwarder>>
output_forwarder::start(output_forwarder_options options) {
  std::array<file_descriptor, 4> events;
  for (auto& one : events) {
    one = file_descriptor{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!one)
      return fail(last_system_error("make an event"));
  }
  file_descriptor place{::open(options.place_file.c_str(),
                               O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                               0600)};
  if (!place)
    return fail(last_system_error("open " + options.place_file));
  std::unique_ptr<output_forwarder> made{new output_forwarder{
    std::move(options), std::move(events[0]), std::move(events[1]),
    std::move(events[2]), std::move(events[3]), std::move(place)}};
  if (auto failed = start_thread(
        made->thread_, [forwarder = made.get()] { forwarder->work(); }))
    return fail(std::move(failed));
  return made;
}

output_forwarder::output_forwarder(output_forwarder_options options,
                                   file_descriptor bell, file_descriptor last,
                                   file_descriptor end, file_descriptor over,
                                   file_descriptor place)
  : options_{std::move(options)}, bell_{std::move(bell)},
    last_{std::move(last)}, end_{std::move(end)}, over_{std::move(over)},
    place_{std::move(place)}, lines_{options_.kept, read_place(place_)},
    publisher_{{.to = options_.to,
                .patience = options_.patience,
                .interruption = end_.number(),
                .may_reach = options_.may_reach}} {
}

output_forwarder::~output_forwarder() {
  ::eventfd_write(end_.number(), 1);
  if (thread_.joinable())
    thread_.join();
}

void output_forwarder::ring() const {
  ::eventfd_write(bell_.number(), 1);
}

void output_forwarder::finish() const {
  ::eventfd_write(last_.number(), 1);
  ring();
}

void output_forwarder::wait(int patience_ms) const {
  std::array<pollfd, 2> events{pollfd{bell_.number(), POLLIN, 0},
                               pollfd{end_.number(), POLLIN, 0}};
  ::poll(events.data(), events.size(), patience_ms);
}

void output_forwarder::work() {
  retry_schedule retries;
  const auto& key = options_.kept;
  while (!is_rung(end_)) {
    // Before the files are looked at: what comes later rings again.
    eventfd_t rung = 0;
    ::eventfd_read(bell_.number(), &rung);
    const bool is_last = is_rung(last_);
    if (retries.contains(key) && !retries.is_due(key)) {
      if (is_last)
        break;
      wait(retries.patience());
      continue;
    }
    const auto sent = step();
    if (!sent && sent.error().code == errc::shutting_down)
      break;
    if (!sent) {
      retries.put_off(key);
      tell(sent.error());
    } else if (*sent) {
      retries.clear(key);
      tell({});
    } else if (is_last) {
      break;
    } else {
      wait(-1);
    }
  }
  ::eventfd_write(over_.number(), 1);
}

/// Sends some lines. Yields whether there were any.
expected<bool> output_forwarder::step() {
  const auto lines = lines_.take();
  if (!lines)
    return fail(lines.error());
  if (lines->empty())
    return false;
  if (auto failed = publisher_.publish(*lines))
    return fail(std::move(failed));
  lines_.done();
  note_place();
  return true;
}

/// One that cannot be noted is sent again by the next forwarder.
void output_forwarder::note_place() const {
  place_text text{};
  std::snprintf(text.data(), text.size(), place_form,
                static_cast<unsigned long long>(lines_.place().file),
                static_cast<unsigned long long>(lines_.place().offset));
  (void)!::pwrite(place_.number(), text.data(), place_size, 0);
}

/// Once for each change: a server that is away is no news every minute.
void output_forwarder::tell(const error& failed) {
  if (std::exchange(arrives_, !failed) != !failed)
    options_.on_change(failed);
}

} // namespace provision
