// Commands that go on until something is so, and those that show again.
#include <chrono>
#include <ostream>
#include <thread>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "messages/json/json.hpp"

namespace provision::ctl {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{200};

/// When a repetition that began now must be over.
std::optional<clock::time_point> end_of(const repetition& again) {
  if (again.patience.count() == 0)
    return std::nullopt;
  return clock::now() + again.patience;
}

/// Sleeps until the next look; false if that would be too late.
bool may_look_again(const std::optional<clock::time_point>& end) {
  if (end && clock::now() + look_interval > *end)
    return false;
  std::this_thread::sleep_for(look_interval);
  return true;
}

/// "accepted", ..., "gone", "migrated", "quarantined"; "" if it is not known.
std::string state_of(const json_value& shown) {
  if (!member(shown, "record").ObjectEmpty())
    return text_of(member(shown, "record"), "state");
  auto& grave = member(shown, "tombstone");
  if (!grave.ObjectEmpty())
    return text_of(grave, "migrated_to").empty() ? "gone" : "migrated";
  return member(shown, "quarantine").ObjectEmpty() ? "" : "quarantined";
}

bool is_on_its_way(std::string_view state) {
  return state.empty() || state == "accepted" || state == "applying"
         || state == "removing";
}

int tell_state(const surroundings& here, const std::string& id,
               const std::string& state, int code) {
  if (here.to.as_json)
    here.to.out << "{\"id\":" << json::quote(id)
                << ",\"state\":" << json::quote(state)
                << ",\"reached\":" << (code == all_well ? "true" : "false")
                << "}\n";
  else
    here.to.out << id << ' '
                << (state.empty() ? "is not known to the node" : state) << '\n';
  return code;
}

/// What a drain still waits for.
struct pending_work {
  std::uint64_t queue = 0;
  std::uint64_t unsettled = 0;
  std::uint64_t waiting = 0;
  std::string in_flight = {};

  bool none() const {
    return queue == 0 && unsettled == 0 && waiting == 0 && in_flight.empty();
  }
  std::string text() const {
    return (in_flight.empty() ? "" : "at work: " + in_flight + ", ")
           + std::to_string(queue) + " in the queue, " + std::to_string(waiting)
           + " wait, " + std::to_string(unsettled) + " not on disk yet";
  }
};

expected<pending_work> look_at_work(const surroundings& here, int& code) {
  const auto reply = here.client.get("/v1/status");
  if (!reply || reply->status != 200) {
    code = reply ? complain(here, *reply) : complain(here, reply.error());
    return fail(errc::explorer_unreachable, "");
  }
  const auto answer = parse(reply->body);
  auto& engine = member(answer, "engine");
  return pending_work{
    number_of(engine, "queue"), number_of(engine, "unsettled"),
    number_of(engine, "waiting"), text_of(member(engine, "in_flight"), "id")};
}

int tell_drain(const surroundings& here, const pending_work& left, int code) {
  if (here.to.as_json)
    here.to.out << "{\"drained\":" << (code == all_well ? "true" : "false")
                << ",\"queue\":" << left.queue
                << ",\"waiting\":" << left.waiting
                << ",\"unsettled\":" << left.unsettled
                << ",\"in_flight\":" << json::quote(left.in_flight) << "}\n";
  else if (code == all_well)
    here.to.out << "drained: nothing is pending, and nothing new is taken in "
                   "until 'drain --cancel' or the next start\n";
  else
    here.err << "provisionctl: not drained in time: " << left.text() << '\n';
  return code;
}

} // namespace

int watched(const surroundings& here, const repetition& again,
            const std::function<int()>& once) {
  if (!again.is_watched)
    return once();
  int code = all_well;
  for (std::uint64_t shown = 1;; ++shown) {
    // From the upper left corner, the rest of the screen cleared.
    if (here.to.is_terminal)
      here.to.out << "\x1b[H\x1b[2J";
    code = once();
    here.to.out << std::flush;
    if (code != all_well || !here.to.out || shown == again.count_max)
      return code;
    if (!here.to.is_terminal && !here.to.as_json)
      here.to.out << '\n';
    std::this_thread::sleep_for(again.interval);
  }
}

int wait_for(const surroundings& here, const std::string& id,
             const std::string& state, const repetition& again) {
  const auto end = end_of(again);
  std::string whole = id;
  std::string now;
  for (;;) {
    const auto reply = here.client.get("/v1/reservations/" + escape(id));
    constexpr int status_ok = 200;
    constexpr int status_not_found = 404;
    if (!reply)
      return complain(here, reply.error());
    if (reply->status == status_ok) {
      const auto shown = parse(reply->body);
      whole = text_of(shown, "id");
      now = state_of(shown);
    } else if (reply->status != status_not_found) {
      return complain(here, *reply);
    }
    if (now == state || (state == "settled" && !is_on_its_way(now)))
      return tell_state(here, whole, now, all_well);
    // From here on it moves no more unless somebody orders it to.
    bool may_leave = now == "provisioned" || now == "quarantined";
    if (!is_on_its_way(now) && !may_leave)
      return tell_state(here, whole, now, failed);
    if (!may_look_again(end))
      return tell_state(here, whole, now, now.empty() ? not_found : timed_out);
  }
}

int drain(const surroundings& here, const repetition& again) {
  const auto reply = here.client.post("/v1/intake/pause", "");
  if (!reply || reply->status != 200)
    return reply ? complain(here, *reply) : complain(here, reply.error());
  const auto end = end_of(again);
  std::string told;
  for (;;) {
    int code = all_well;
    const auto left = look_at_work(here, code);
    if (!left)
      return code;
    if (left->none())
      return tell_drain(here, *left, all_well);
    if (auto text = left->text(); text != told && !here.to.as_json)
      here.err << (told = text) << std::endl;
    if (!may_look_again(end))
      return tell_drain(here, *left, timed_out);
  }
}

int drain_cancel(const surroundings& here) {
  return resume(here);
}

int log_level(const surroundings& here, const std::string& level) {
  if (level.empty())
    return with_answer(here, "/v1/log", [&](const json_value& answer) {
      here.to.out << text_of(answer, "level") << '\n';
      return all_well;
    });
  const auto reply
    = here.client.post("/v1/log", "{\"level\":" + json::quote(level) + "}");
  if (!reply || reply->status != 200)
    return reply ? complain(here, *reply) : complain(here, reply.error());
  here.to.out << (here.to.as_json
                    ? reply->body
                    : text_of(parse(reply->body), "level") + "\n");
  return all_well;
}

} // namespace provision::ctl
