#pragma once

#include <string>
#include <vector>

#include <spawn.h>

#include "backends/host/file_descriptor.hpp"
#include "messages/error.hpp"

namespace provision {

/// How a program is started, for posix_spawn: signals as if nobody had touched
/// them, scheduled like this process whatever the calling thread is, the root
/// folder, and no file but the given ones. Freed with its owner.
struct spawn_plan {
  /// `files[n]` is what the program finds as descriptor n, or nothing's file if
  /// it is negative. `separation`: POSIX_SPAWN_SETPGROUP or _SETSID.
  spawn_plan(const std::vector<int>& files, short separation);
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;
  ~spawn_plan();

  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_t actions{};
};

/// Starts `program` with these arguments and an environment of LC_ALL and PATH;
/// its number.
expected<pid_t> spawn(const std::string& program,
                      std::vector<std::string> arguments,
                      const spawn_plan& plan);

/// From now on this process is `own` in the order in which the kernel takes
/// processes when memory is short (1000: first), and what it starts has the
/// place that it had before: that may outlive it and serve somebody.
void take_rank(int own);

/// A file in memory with this text, at its start; none for an empty text.
expected<file_descriptor> file_of(const std::string& text);

} // namespace provision
