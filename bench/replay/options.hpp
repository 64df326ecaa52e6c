#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

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
  /// Documents to replay, JSON lines; empty: they are generated.
  std::string stream = {};
  std::uint64_t count = 10000;
  std::uint64_t seed = 1;
  /// "volume=40,zdb=20,...": shares of the types.
  std::string mix = {};
  explorer_kind explorer = explorer_kind::none;
  bool verify = true;
  sync_mode sync = sync_mode::group;
  unsigned repetitions = 5;
  /// Folder on the disk to be measured; each run makes its own below it.
  std::string folder = "/var/tmp";
  /// Path of explorer-sim; empty: beside this program.
  std::string explorer_sim = {};
};

/// Reads the command line. Nothing if the program is to end at once, with
/// `code` (0 after --help, 2 for wrong usage).
std::optional<replay_options> read_command_line(int argc, char** argv,
                                                int& code);

} // namespace provision::bench
