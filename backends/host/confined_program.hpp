#pragma once

#include <cstdint>
#include <string>

#include "backends/host/command.hpp"

namespace provision {

/// Whom a program is that talks to strangers: a user of the host without any
/// right.
struct powerless_user {
  std::string name = {};
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  /// Nothing else is this user.
  bool is_own = false;
};

/// "provisiond-fetch", which the package makes, else "nobody".
/// errc::host_unavailable if there is neither, or it is root.
expected<powerless_user> find_fetch_user();

/// What a confined program is, and what it has.
struct confinement {
  /// Absolute paths of the programs that take its rights, and bound it.
  std::string setpriv = {};
  std::string prlimit = {};
  powerless_user user = {};
  /// The only folder that it can write to, absolute. It should be its user's,
  /// and need not be in reach of that user.
  std::string folder = {};
  /// Where it sees that folder: one of the host's that all can reach, which it
  /// does not see then.
  std::string stage = {};
};

/// As run(), for a program that others may have taken over by the time it
/// ends:
///
/// - the given user, without any other group, capability, or means to get one;
/// - all files of the host as that user sees them, none of which it can write
///   to, but for `folder`, where it finds neither devices nor programs;
/// - the host's network;
/// - 1024 processes and threads at most, if its user is its own, and no core
/// dump;
/// - processes of its own, which end with it, however they were started: when
///   this returns, nobody is left who has a file of `folder` open.
///
/// errc::host_unavailable if it cannot be confined so; then it is not started.
expected<command_output> run_confined(const command& what,
                                      const confinement& how);

} // namespace provision
