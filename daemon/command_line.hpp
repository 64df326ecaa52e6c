#pragma once

#include <iosfwd>

namespace provision {

/// Runs provisiond as the arguments say and returns its exit code: 0 done,
/// 1 failed, 2 wrong usage or configuration.
int command_line(int argc, char** argv, std::ostream& out, std::ostream& err);

} // namespace provision
