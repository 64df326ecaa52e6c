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

/// How often something is done again.
struct repetition {
  /// Go on until interrupted.
  bool is_watched = false;
  std::chrono::milliseconds interval{1000};
  /// 0: without end.
  std::chrono::milliseconds patience{0};
  /// Pictures at most; 0: without end.
  std::uint64_t count_max = 0;
};

int status(const surroundings& here);
int ready(const surroundings& here);
int list(const surroundings& here, const list_choice& choice);
int show(const surroundings& here, const std::string& id, bool with_document);
int explain(const surroundings& here, const std::string& id);
int events(const surroundings& here, const events_choice& choice);
/// What a workload writes: the last so many lines, and with `is_followed` what
/// comes after them until interrupted.
struct logs_choice {
  std::uint64_t last = 100;
  bool is_followed = false;
};
int logs(const surroundings& here, const std::string& id,
         const logs_choice& choice, const repetition& again);
int types(const surroundings& here);
int capacity(const surroundings& here);
int audit(const surroundings& here);
/// `id` or its beginning; empty: all.
int usage(const surroundings& here, const std::string& id);
int outbox(const surroundings& here, bool parked);
int quarantine_list(const surroundings& here);
int quarantine_show(const surroundings& here, const std::string& key);
int cancel(const surroundings& here, const std::string& id,
           const std::string& reason);
int waiting(const surroundings& here);

// -- what the host holds and nobody wants (orphan_commands.cpp)

int orphans(const surroundings& here);
int orphan_remove(const surroundings& here, const std::string& key,
                  const std::string& reason);

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

// -- the journal (journal_commands.cpp)

struct journal_choice {
  std::uint64_t after = 0;
  std::uint64_t last = 20;
};

int journal_list(const surroundings& here, const journal_choice& choice);
/// To standard output if `file` is empty.
int journal_export(const surroundings& here, const std::string& file);
/// `path`: a store's folder or an exported file; empty: what the daemon has.
/// `known`: "NUMBER:HASH" of a line that was seen before; may be empty.
int journal_verify(const surroundings& here, const std::string& path,
                   const std::string& known);

// -- reservations in a file (submission_commands.cpp); "-": standard input

int plan(const surroundings& here, const std::string& file);
int submit(const surroundings& here, const std::string& file);

// -- commands that wait (waiting_commands.cpp)

/// Repeats `once` and shows it in the place of the last time.
int watched(const surroundings& here, const repetition& again,
            const std::function<int()>& once);
int wait_for(const surroundings& here, const std::string& id,
             const std::string& state, const repetition& again);
int drain(const surroundings& here, const repetition& again);
int drain_cancel(const surroundings& here);
int log_level(const surroundings& here, const std::string& level);

/// A picture of the node that is kept fresh; `q` ends it (top_command.cpp).
int top(const surroundings& here, const repetition& again);

// -- the node as a whole, in files

/// What support needs, without secrets (bundle_command.cpp). `config_file` may
/// be empty.
int bundle(const surroundings& here, const std::string& file,
           const std::string& config_file);
/// The store of a stopped node (state_commands.cpp).
int export_state(const surroundings& here, const std::string& store,
                 const std::string& file);
int import_state(const surroundings& here, const std::string& store,
                 const std::string& file);

/// One command as shells complete it.
struct completed_command {
  std::string name = {};
  /// Commands below it, and its options.
  std::vector<std::string> words = {};
  /// A reservation's id may follow.
  bool takes_id = false;
};

/// The script that makes `shell` complete commands; empty for a shell that is
/// not known.
std::string completion(const std::string& shell,
                       const std::vector<completed_command>& commands);

// -- for the commands ---------------------------------------------------------

/// That `file` cannot be read, and why: as errno has it of the last attempt.
error cannot_read(const std::string& file);

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
