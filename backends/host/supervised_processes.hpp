#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/folder.hpp"
#include "backends/presence.hpp"
#include "shim/process_spec.hpp"
#include "shim/process_state.hpp"

namespace provision {

/// What is known of a process, from the host and from what its shim wrote.
struct process_facts {
  enum class state : std::uint8_t {
    /// Nobody has asked for it.
    absent,
    running,
    /// It ended and is about to be started again by its shim.
    pausing,
    /// It ended for good; `exit` tells how, unless the machine or its shim
    /// died with it.
    ended,
    /// Something of it runs, but its shim was killed: nobody keeps its output
    /// or will know how it ends. start() ends it and starts it anew.
    unattended,
    /// The host did not say; `reason`.
    unknown,
  };

  state is = state::absent;
  /// The workload's first process; 0 if none runs.
  int pid = 0;
  /// How often its shim has started it again.
  std::uint64_t restarts = 0;
  std::optional<shim::process_exit> exit = {};
  std::string reason = {};
};

/// Whether it ended for good without having been told to.
bool has_given_up(const process_facts& facts);

/// Whether it ought to run and nobody looks after it: after a reboot, or the
/// death of its shim.
bool is_deserted(const process_facts& facts);

/// How a workload stands that is nothing but this process.
presence presence_of(const process_facts& facts);

/// Why it is not present: how it ended, or what the host said.
std::string reason_of(const process_facts& facts);

/// Processes that outlive the daemon, each with a shim beside it that keeps its
/// output and knows how it ends. All that is known of them is in a folder each
/// (shim/process_state.hpp) and in the kernel: whoever opens the folder later
/// finds them all. Blocks. One thread at a time per id.
class supervised_processes {
public:
  /// `path` is made if it is missing; `shim`: the program by its absolute path,
  /// see find_shim().
  static expected<supervised_processes> open(const std::string& path,
                                             std::string shim);

  /// Makes the process run: nothing is done if it does, or is about to.
  /// Returns once its program runs. The error says why it does not; then
  /// nothing of it runs. Its output before is kept.
  error start(const std::string& id, const shim::process_spec& spec) const;

  /// As start() with what it was asked for the last time.
  error start_again(const std::string& id) const;

  process_facts look(const std::string& id) const;

  /// Makes it not run: SIGTERM, after its grace SIGKILL, also to all that it
  /// has started and to what a dead shim left behind. Absent is a success.
  error stop(const std::string& id) const;

  /// stop(), and forgets it with its output.
  error remove(const std::string& id) const;

  /// Those that are known, sorted.
  expected<std::vector<std::string>> ids() const;

  /// Its shim: readable once that ends. Not open if there is none.
  file_descriptor watch(const std::string& id) const;

  /// Folder of its records, which may also hold files of the caller.
  std::string folder_of(const std::string& id) const;
  /// The end of its output, at most `bytes_max`.
  std::string output(const std::string& id, std::size_t bytes_max) const;
  /// The last line of it, at most 500 bytes.
  std::string last_words(const std::string& id) const;

private:
  supervised_processes(folder place, std::string shim)
    : place_{std::move(place)}, shim_{std::move(shim)} {}

  std::string path(const std::string& id, const char* name) const;
  expected<int> holder(const std::string& id) const;
  error run_shim(const std::string& id, const shim::process_spec& spec) const;
  process_facts look_at_rest(const std::string& id) const;
  error end_shim(const std::string& id, std::chrono::milliseconds grace) const;

  folder place_;
  std::string shim_;
};

/// The shim's program: beside this one. errc::backend_failure.
expected<std::string> find_shim();

} // namespace provision
