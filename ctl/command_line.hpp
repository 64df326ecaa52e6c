#pragma once

#include <iosfwd>

namespace provision::ctl {

/// Exit codes; stable, and listed by --help.
enum exit_code : int {
  all_well = 0,
  /// The node refused, or something went wrong.
  failed = 1,
  wrong_usage = 2,
  /// The node knows no such id, or several begin so.
  not_found = 3,
  /// No daemon answers at the socket.
  unreachable = 4,
  /// The node does not let this user in, or not do this.
  forbidden = 5,
  /// For `ready`: it is not.
  not_ready = 6,
  /// For what waits: it did not come in time.
  timed_out = 7,
};

/// Runs provisionctl as the arguments say; colours only where `is_terminal`
/// (or --color=always) and NO_COLOR is not set.
int command_line(int argc, char** argv, std::ostream& out, std::ostream& err,
                 bool is_terminal);

} // namespace provision::ctl
