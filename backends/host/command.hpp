#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

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
};

/// What a program wrote, at most 64 KiB of each.
struct command_output {
  std::string out = {};
  std::string err = {};
  /// More was written than is kept.
  bool cut = false;
};

/// Runs a program without a shell: LC_ALL=C, no file open but the standard
/// ones, a process group of its own. Blocks until it ends.
/// errc::backend_failure names the program, its exit code (also in `detail`)
/// or signal and the first lines of its complaint; errc::deadline_exceeded.
expected<command_output> run(const command& what);

/// Starts a program that goes on when this process ends: a session of its own,
/// no input, no output, else as run(). Yields its process number; somebody has
/// to wait for it (reap).
expected<int> launch(const command& what);

/// Takes note of a launched program's end, so that its entry goes away; false
/// if it still runs. A process that is no child of this one counts as ended.
bool reap(int process) noexcept;

/// Absolute path of a program in /usr/sbin, /usr/bin, /sbin or /bin;
/// errc::backend_failure that names `package` as the remedy.
expected<std::string> find_program(std::string_view name,
                                   std::string_view package);

} // namespace provision
