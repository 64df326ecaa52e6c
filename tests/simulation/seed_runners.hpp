#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>

namespace provision::simulation {

/// What remains of a seed's run. Processes pass it on as the bytes it is.
struct seed_result {
  enum class verdict : std::uint8_t {
    /// All promises held.
    held,
    broken,
    /// It was another run the second time.
    not_repeated,
    /// Its process ended with it.
    died,
  };

  std::uint64_t seed = 0;
  /// Messages that actors took.
  std::uint64_t steps = 0;
  std::uint64_t checks = 0;
  std::uint64_t deaths = 0;
  std::uint64_t trace_hash = 0;
  std::chrono::nanoseconds virtual_time{0};
  verdict how = verdict::held;
  /// Of a process that died: what waitpid says.
  int wait_status = 0;
};

static_assert(std::is_trivially_copyable_v<seed_result>);

struct seed_work {
  /// The seeds, ascending; nothing when there are no more.
  std::function<std::optional<std::uint64_t>()> next;
  /// Runs one, in a process that does nothing else meanwhile.
  std::function<seed_result(std::uint64_t)> run;
  /// Sees all results, in the order of the seeds.
  std::function<void(const seed_result&)> take;
};

/// Runs each seed once, in `jobs` processes (at least one). A seed that ends
/// its process is a result as well, and the next process goes on after it.
/// False if a process ends badly when its work is done, as it does when it
/// leaks. Throws std::system_error when a process cannot be made. Not for use
/// beside other threads.
bool run_seeds(unsigned jobs, const seed_work& work);

} // namespace provision::simulation
