#pragma once

namespace provision::simulation {

/// One rich run, again and again: the power goes at every single change of its
/// disk, and none, all or a torn part of what was not synced survives. The
/// program's exit status.
int run_crash_matrix();

} // namespace provision::simulation
