#pragma once

namespace provision::bench {

/// CPU seconds of this process so far, all threads.
double own_cpu_seconds();

/// The same of another process; 0 if there is none.
double cpu_seconds_of(int pid);

/// Seconds that all cores together have been busy, or were taken away by the
/// host, since the machine started. Ticks of 10 ms.
double machine_busy_seconds();

/// Cores that this process may run on.
unsigned usable_cores();

} // namespace provision::bench
