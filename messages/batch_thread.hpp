#pragma once

namespace provision {

/// Has the kernel run the calling thread as batch work (SCHED_BATCH, Linux): it
/// takes over from nobody when it is woken. A thread that does finds the lock
/// of its mailbox held by its waker, and both are switched twice more. Threads
/// and programs that it starts inherit that (but see
/// backends/host/spawn_plan.hpp). Does nothing where it is refused, or where an
/// operator chose another policy than the usual one.
void become_batch_thread() noexcept;

} // namespace provision
