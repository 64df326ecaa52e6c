#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/error.hpp"
#include "shim/process_spec.hpp"

/// The control groups of one process: one folder in each hierarchy that is
/// used, and everything that the process starts is in them.
namespace provision::shim {

/// Makes the groups, what is missing above them too, and sets the limits.
error make_groups(const process_spec& spec);

/// Puts a process into all of them.
error join_groups(const process_spec& spec, int pid);

/// Whether a process is in one of them.
bool has_members(const process_spec& spec);

/// Kills everything in them and waits until it is gone, for seconds at most.
error kill_members(const process_spec& spec);

/// Removes the groups and those above whose name begins with "provision-" and
/// that have no others; absent is a success. Waits for seconds at most until
/// the kernel lets go of them.
error remove_groups(const process_spec& spec);

/// How often the kernel has killed in them for lack of memory.
std::uint64_t oom_kills(const process_spec& spec);

} // namespace provision::shim
