#include "backends/host/usage_sample.hpp"

#include <array>
#include <string_view>

#include "backends/host/group_figures.hpp"

namespace provision {

namespace {

using namespace group_figures;

constexpr std::uint64_t ns_per_us = 1000;
/// As version 1 of control groups says it.
constexpr std::uint64_t no_limit = 0x7ffffffffffff000;

/// Where a figure stands: in a file, behind a key or alone.
struct place {
  const char* file = "";
  const char* key = "";
  std::uint64_t unit = 1;
};

figure read(const std::string& group, const place& where) {
  const auto text = shim::read_small(group + '/' + where.file);
  if (std::string_view{where.file} == "memory.max" && text.starts_with("max"))
    return no_limit;
  const auto found
    = *where.key == '\0' ? number_in(text) : number_behind(text, where.key);
  return found ? figure{*found * where.unit} : found;
}

/// The first that any of the groups has.
figure find(const std::vector<std::string>& groups,
            const std::array<place, 2>& places) {
  for (const auto& where : places)
    for (const auto& group : groups)
      if (const auto found = read(group, where))
        return found;
  return {};
}

// Of version 2 of control groups, and of version 1.
constexpr std::array memory{place{"memory.current"},
                            place{"memory.usage_in_bytes"}};
constexpr std::array memory_max{place{"memory.max"},
                                place{"memory.limit_in_bytes"}};
constexpr std::array memory_of_files{place{"memory.stat", "file"},
                                     place{"memory.stat", "total_cache"}};
constexpr std::array cpu{place{"cpu.stat", "usage_usec", ns_per_us},
                         place{"cpuacct.usage"}};
constexpr std::array tasks{place{"pids.current"}, place{"pids.current"}};

} // namespace

expected<usage_sample> sample_groups(const std::vector<std::string>& groups) {
  usage_sample result;
  struct wish {
    const std::array<place, 2>& places;
    std::uint64_t& into;
  };
  for (const auto& [places, into] :
       {wish{memory, result.memory}, wish{memory_max, result.memory_max},
        wish{memory_of_files, result.memory_of_files}, wish{cpu, result.cpu_ns},
        wish{tasks, result.tasks}}) {
    const auto found = find(groups, places);
    if (!found)
      return fail(errc::backend_failure,
                  std::string{"no control group has "} + places[0].file);
    into = *found;
  }
  if (result.tasks == 0)
    return fail(errc::backend_failure, "nothing runs in the control groups");
  return result;
}

std::string document_of(const usage_sample& sample, std::int64_t unix_seconds) {
  return "{\"timestamp\":" + std::to_string(unix_seconds)
         + ",\"memory_usage\":" + std::to_string(sample.memory)
         + ",\"memory_limit\":" + std::to_string(sample.memory_max)
         + ",\"memory_cache\":" + std::to_string(sample.memory_of_files)
         + ",\"cpu_usage\":" + std::to_string(sample.cpu_ns)
         + ",\"pids_current\":" + std::to_string(sample.tasks) + '}';
}

} // namespace provision
