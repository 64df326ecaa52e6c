// Orders: what an administrator tells the node to do. Each is one request; the
// node answers when it has done it, or when it is on its way.
#include <functional>
#include <ostream>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"

namespace provision::ctl {

namespace {

/// Orders, and says what it means if it went well.
int order(const surroundings& here, const std::string& target,
          std::string_view meaning) {
  auto reply = here.client.post(target, "{}");
  if (!reply)
    return complain(here, reply.error());
  if (reply->status != 200)
    return complain(here, *reply);
  if (here.to.as_json)
    here.to.out << reply->body;
  else
    here.to.out << meaning << '\n';
  return all_well;
}

/// Calls `then` with the whole key that begins with `given`, so that a
/// beginning cannot hit another.
int with_whole(const surroundings& here, const std::string& question,
               const std::function<std::string(const json_value&)>& key_of,
               const std::function<int(const std::string&)>& then) {
  auto found = here.client.get(question);
  if (!found)
    return complain(here, found.error());
  if (found->status != 200)
    return complain(here, *found);
  return then(key_of(parse(found->body)));
}

int with_quarantined(const surroundings& here, const std::string& key,
                     const std::function<int(const std::string&)>& then) {
  return with_whole(
    here, "/v1/quarantine/" + escape(key),
    [](const json_value& answer) {
      return text_of(member(answer, "entry"), "key");
    },
    then);
}

std::string type_target(const std::string& type, const char* order) {
  return (type.empty() ? "/v1/" : "/v1/types/" + escape(type) + "/") + order;
}

std::string type_text(const std::string& type) {
  return type.empty() ? "the node" : type;
}

} // namespace

int pause(const surroundings& here) {
  return order(here, "/v1/intake/pause",
               "intake is paused until 'provisionctl resume' or the next "
               "start; what is known is worked on");
}

int resume(const surroundings& here) {
  return order(here, "/v1/intake/resume", "intake is open");
}

int cordon(const surroundings& here, const std::string& type) {
  return order(here, type_target(type, "cordon"),
               type_text(type)
                 + " is cordoned: new workloads wait, removals go on");
}

int uncordon(const surroundings& here, const std::string& type) {
  return order(here, type_target(type, "uncordon"),
               type_text(type) + " is not cordoned");
}

int retry(const surroundings& here, const std::string& id) {
  return with_whole(
    here, "/v1/reservations/" + escape(id),
    [](const json_value& answer) { return text_of(answer, "id"); },
    [&](const std::string& whole) {
      return order(here, "/v1/reservations/" + escape(whole) + "/retry",
                   whole + ": the next try is now");
    });
}

int quarantine_retry(const surroundings& here, const std::string& key) {
  return with_quarantined(here, key, [&](const std::string& whole) {
    return order(here, "/v1/quarantine/" + escape(whole) + "/retry",
                 whole
                   + ": handed to the engine again; it stays in the "
                     "quarantine if it is refused again");
  });
}

int quarantine_drop(const surroundings& here, const std::string& key) {
  return with_quarantined(here, key, [&](const std::string& whole) {
    return order(here, "/v1/quarantine/" + escape(whole) + "/drop",
                 whole + ": forgotten");
  });
}

int confirm_deletions(const surroundings& here) {
  return order(here, "/v1/confirm/deletions",
               "the deletions that were held go on");
}

int confirm_clock(const surroundings& here) {
  return order(here, "/v1/confirm/clock", "the clock is trusted");
}

} // namespace provision::ctl
