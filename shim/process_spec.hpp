#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace provision::shim {

/// A text to write into a file of a control group.
struct group_limit {
  /// Absolute path.
  std::string file = {};
  std::string value = {};

  bool operator==(const group_limit&) const = default;
};

/// A file system that the process sees and nobody else; device nodes and
/// set-uid bits in it are without effect.
struct private_mount {
  /// "overlay"; empty: whatever is mounted at `target` is hidden instead.
  std::string type = {};
  /// Absolute path of an existing folder.
  std::string target = {};
  /// As mount(8) takes them after -o.
  std::string options = {};

  bool operator==(const private_mount&) const = default;
};

/// What a shim is to start and to look after.
struct process_spec {
  /// The program by its absolute path, and its arguments.
  std::vector<std::string> arguments = {};
  /// "NAME=value"; nothing else is in its environment.
  std::vector<std::string> environment = {};

  /// Folders of the control groups that are made for it, one per hierarchy, and
  /// removed after it.
  std::vector<std::string> groups = {};
  /// Written in this order once the groups are there.
  std::vector<group_limit> limits = {};
  /// Where a line "oom_kill <count>" tells of kills for lack of memory; empty
  /// if nobody tells.
  std::string oom_file = {};

  /// Path of the network namespace that it runs in; empty: the shim's own.
  std::string network_space = {};
  std::vector<private_mount> mounts = {};

  /// If not empty, the program only starts the workload: it writes the
  /// workload's number here and ends with 0.
  std::string pid_file = {};
  /// Folder of which a fresh one is made before each start; empty: none.
  std::string scratch = {};

  /// Its output goes to "log", at most this many bytes, and before that to as
  /// many older files "log.1", "log.2", ...
  std::uint64_t log_bytes_max = 1U << 20U;
  std::uint32_t old_logs_max = 2;
  /// If not 0, standard output and error go to files of their own, too:
  /// "stdout" and "stderr", at most this many bytes each, and one older file of
  /// either. How the two meet in "log" is then less exact.
  std::uint64_t stream_bytes_max = 0;

  /// How long it has between SIGTERM and SIGKILL.
  std::chrono::milliseconds grace{5000};
  /// Pause before it is started again; if it has ended more than `restarts_max`
  /// times within the window it is given up. 0: never started again.
  std::chrono::milliseconds restart_delay{2000};
  std::chrono::milliseconds restart_window{60000};
  std::uint32_t restarts_max = 0;

  bool operator==(const process_spec&) const = default;
};

std::string write_spec(const process_spec& spec);
/// errc::storage_corrupt for anything that write_spec() did not make.
expected<process_spec> read_spec(std::string_view text);

} // namespace provision::shim
