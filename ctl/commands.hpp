#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "ctl/api_client.hpp"
#include "ctl/screen.hpp"

/// What provisionctl does, one function per command; each returns its exit
/// code. They ask with `client`, write what they found with `to`, and what
/// went wrong to `err`.
namespace provision::ctl {

struct surroundings {
  const api_client& client;
  screen to;
  std::ostream& err;
};

struct list_choice {
  std::string type = {};
  std::string state = {};
  std::string user = {};
  std::string prefix = {};
  /// "table", "wide" or "name".
  std::string form = "table";
  /// 0: all.
  std::uint64_t limit = 0;
};

struct events_choice {
  bool is_followed = false;
  /// Behind this number; 0: `last` of them.
  std::uint64_t after = 0;
  std::uint64_t last = 20;
};

int status(const surroundings& here);
int ready(const surroundings& here);
int list(const surroundings& here, const list_choice& choice);
int show(const surroundings& here, const std::string& id, bool with_document);
int explain(const surroundings& here, const std::string& id);
int events(const surroundings& here, const events_choice& choice);
int types(const surroundings& here);
int capacity(const surroundings& here);
int audit(const surroundings& here);
int outbox(const surroundings& here, bool parked);
int quarantine_list(const surroundings& here);
int quarantine_show(const surroundings& here, const std::string& key);
int cancel(const surroundings& here, const std::string& id,
           const std::string& reason);
int waiting(const surroundings& here);

// -- orders (order_commands.cpp)

int pause(const surroundings& here);
int resume(const surroundings& here);
/// No type: the whole node.
int cordon(const surroundings& here, const std::string& type);
int uncordon(const surroundings& here, const std::string& type);
int retry(const surroundings& here, const std::string& id);
int quarantine_retry(const surroundings& here, const std::string& key);
int quarantine_drop(const surroundings& here, const std::string& key);
int confirm_deletions(const surroundings& here);
int confirm_clock(const surroundings& here);

/// The script that makes `shell` complete commands; empty for a shell that is
/// not known.
std::string completion(const std::string& shell,
                       const std::vector<std::string>& commands);

// -- for the commands ---------------------------------------------------------

/// Tells why there is no answer; the exit code.
int complain(const surroundings& here, const error& why);
/// The same for an answer that is an error.
int complain(const surroundings& here, const api_reply& reply);

/// Asks, and hands a good answer over: printed as it is with --json, else
/// parsed for `use`.
template <class Use>
int with_answer(const surroundings& here, std::string_view target, Use use) {
  auto reply = here.client.get(target);
  if (!reply)
    return complain(here, reply.error());
  if (reply->status != 200)
    return complain(here, *reply);
  if (here.to.as_json) {
    here.to.out << reply->body << std::flush;
    return 0;
  }
  auto answer = parse(reply->body);
  if (answer.IsNull())
    return complain(
      here, error{errc::malformed_input, "the daemon's answer cannot be read"});
  return use(answer);
}

} // namespace provision::ctl
