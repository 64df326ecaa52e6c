#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/file_descriptor.hpp"
#include "messages/error.hpp"

namespace provision {

/// A program to run.
struct command {
  /// Absolute path, from find_program.
  std::string program = {};
  std::vector<std::string> arguments = {};
  /// What it reads from its standard input, which it may also open by the name
  /// /dev/stdin. Kept in memory alone, so fit for secrets.
  std::string input = {};
  /// How long it may take before it and its children are killed.
  std::chrono::milliseconds deadline{30000};
  /// How much is kept of what it writes, bytes of each stream.
  std::size_t output_bytes_max = 64U << 10U;
  /// Asked several times a second while it runs: an error ends it and its
  /// children, and is what run() fails with.
  std::function<error()> objection = {};
};

/// What a program wrote.
struct command_output {
  std::string out = {};
  std::string err = {};
  /// More was written than is kept.
  bool cut = false;
};

/// Runs a program without a shell: LC_ALL=C, no file open but the standard
/// ones, a process group of its own. Blocks until it ends.
/// errc::backend_failure names the program, its exit code (also in `detail`)
/// or signal and the first lines of its complaint; errc::host_busy if it was
/// killed for lack of memory or does not end in time; errc::host_unavailable if
/// it cannot be started or does not end even when killed.
expected<command_output> run(const command& what);

/// A process by a descriptor that means it alone, also when its number is given
/// to another: readable once it has ended. Not open if there is no such
/// process.
file_descriptor open_process(int number);

/// Starts a program that goes on when this process ends: a session of its own,
/// no output, else as run(). Yields it. Its end is taken note of by the next
/// call of reap_launched().
expected<file_descriptor> launch(const command& what);

/// Takes note of a process's end, so that its entry goes away; false if it
/// still runs. One that is no child of this process counts as ended.
bool reap(const file_descriptor& process) noexcept;

/// reap() for all that was launched; how many of them still run. Thread-safe.
std::size_t reap_launched();

/// Absolute path of a program in /usr/sbin, /usr/bin, /sbin or /bin;
/// errc::host_unavailable that names `package` as the remedy.
expected<std::string> find_program(std::string_view name,
                                   std::string_view package);

/// A program that something needs, and the package that holds it.
struct needed_program {
  /// Becomes its absolute path.
  std::string& path;
  std::string_view name;
  std::string_view package;
};

/// A program that is not there, and what would help.
struct missing_program {
  std::string reason = {};
  std::string remedy = {};
};

/// Finds them all, or yields the first that is missing.
std::optional<missing_program>
find_programs(std::initializer_list<needed_program> needed);

} // namespace provision
