#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace provision::bench {

/// Who is told of results.
enum class explorer_kind : std::uint8_t {
  /// Nobody: they are accepted in process, at once.
  none,
  /// explorer-sim in a process of its own, over HTTP on loopback.
  sim,
};

/// What makes outcomes durable.
enum class sync_mode : std::uint8_t {
  /// As the node does: whatever is ready shares a sync.
  group,
  /// One reservation at a time: two syncs and its report accepted before the
  /// next is handed over.
  each,
};

/// What a measurement is told.
struct replay_options {
  // -- what comes in
  /// Documents to replay, JSON lines; empty: they are generated.
  std::string stream = {};
  /// JSON lines with the keys of those who signed a given stream.
  std::string users = {};
  std::uint64_t count = 10000;
  std::uint64_t seed = 1;
  /// "volume=40,zdb=20,...": shares of the types.
  std::string mix = {};

  // -- how it is worked on
  explorer_kind explorer = explorer_kind::none;
  bool verify = true;
  sync_mode sync = sync_mode::group;
  /// Workloads that run already; several: one measurement for each.
  std::vector<std::uint64_t> cached = {0};
  /// Whether the node has done all of the stream before.
  bool known = false;
  /// Type whose provisioner never returns; empty: none.
  std::string hang = {};
  /// False for the run that it is compared with, in which it returns at once.
  bool hangs = true;
  /// Deadline of a provisioner that hangs, ms.
  unsigned deadline_ms = 100;
  /// Instead of a stream: workloads whose time ends within a while.
  std::uint64_t expire = 0;
  double expire_seconds = 60;
  /// Instead of a stream: nothing, for this long, seconds.
  double idle = 0;

  // -- how it is measured
  unsigned repetitions = 5;
  /// Folder on the disk to be measured; each run makes its own below it.
  std::string folder = "/var/tmp";
  /// Path of explorer-sim; empty: beside this program.
  std::string explorer_sim = {};
  std::string json_file = {};
  std::string plot_file = {};
  /// Fails if the best run's share of the limit is below; 0: never.
  double ratio_min = 0;

  /// Instead of measuring: play this recording and compare.
  std::string compare = {};
};

/// Reads the command line. Nothing if the program is to end at once, with
/// `code` (0 after --help, 2 for wrong usage).
std::optional<replay_options> read_command_line(int argc, char** argv,
                                                int& code);

} // namespace provision::bench
