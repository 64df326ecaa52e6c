#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

/// What a shim writes down, in the folder of its process:
///
///   lock      held as long as the shim lives; tells its number
///   spec      what it was asked for
///   state     what runs, written before it may run
///   exit      how it ended, written when it is not started again
///   log       its output; log.1, log.2, ... are older
///   stdout    the same by stream, if that is asked for; stdout.1 is older
///   stderr
namespace provision::shim {

inline constexpr const char* lock_name = "lock";
inline constexpr const char* spec_name = "spec";
inline constexpr const char* state_name = "state";
inline constexpr const char* exit_name = "exit";
inline constexpr const char* log_name = "log";
inline constexpr const char* output_name = "stdout";
inline constexpr const char* errors_name = "stderr";

/// A process that no other is mistaken for, also when its number is given
/// again.
struct process_identity {
  int pid = 0;
  /// Field 22 of /proc/<pid>/stat: ticks since the machine started.
  std::uint64_t start_time = 0;
  std::string boot_id = {};

  bool operator==(const process_identity&) const = default;
};

struct process_state {
  /// pid 0: nothing runs, it is to be started again.
  process_identity process = {};
  /// How often it was started again.
  std::uint64_t restarts = 0;
  /// When it ended, milliseconds of the machine's running time, the latest
  /// last.
  std::vector<std::uint64_t> ends = {};

  bool operator==(const process_state&) const = default;
};

struct process_exit {
  enum class cause : std::uint8_t {
    /// It could not be started; `message` says why.
    not_started,
    /// It ended by itself and is not to be started again.
    ended,
    /// It ended too often to be started again.
    gave_up,
    /// It was told to stop.
    stopped,
  };

  cause why = cause::ended;
  /// Exit code, or -1.
  int code = -1;
  /// The signal that ended it, or 0.
  int signal = 0;
  /// The kernel has killed in its group for lack of memory.
  bool out_of_memory = false;
  std::string message = {};

  bool operator==(const process_exit&) const = default;
};

/// "ended with code 3", "was killed by signal 9, out of memory".
std::string describe(const process_exit& what);

std::string write_state(const process_state& state);
/// errc::storage_corrupt
expected<process_state> read_state(std::string_view text);
std::string write_exit(const process_exit& what);
/// errc::storage_corrupt
expected<process_exit> read_exit(std::string_view text);

/// Empty if it cannot be read.
std::string boot_id();
/// 0 if there is no such process.
std::uint64_t start_time_of(int pid);
/// Whether exactly this process still runs; a zombie does not.
bool is_running(const process_identity& process);

} // namespace provision::shim
