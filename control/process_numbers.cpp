#include "control/process_numbers.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <vector>

namespace provision {

namespace {

/// The fields of a stat file behind the command, which may hold blanks: field
/// 0 here is field 3 of proc(5).
std::vector<std::string> stat_fields(const std::string& path) {
  std::ifstream file{path};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto end = text.rfind(')');
  if (end == std::string::npos)
    return {};
  std::istringstream rest{text.substr(end + 1)};
  return {std::istream_iterator<std::string>{rest}, {}};
}

std::uint64_t count_files(const std::string& folder) {
  std::error_code failure;
  std::filesystem::directory_iterator all{folder, failure};
  if (failure)
    return 0;
  std::uint64_t count = 0;
  while (all != std::filesystem::directory_iterator{}) {
    ++count;
    all.increment(failure);
    if (failure)
      break;
  }
  // The folder itself was open while it was read.
  return count > 0 ? count - 1 : 0;
}

} // namespace

process_numbers read_process_numbers(const std::string& folder) {
  constexpr std::size_t user_time = 11;
  constexpr std::size_t system_time = 12;
  constexpr std::size_t threads = 17;
  constexpr std::size_t virtual_size = 20;
  constexpr std::size_t resident_pages = 21;
  process_numbers found;
  auto fields = stat_fields(folder + "/stat");
  if (fields.size() > resident_pages) {
    auto number = [&fields](std::size_t at) {
      return std::strtoull(fields[at].c_str(), nullptr, 10);
    };
    auto ticks = number(user_time) + number(system_time);
    found.cpu = std::chrono::nanoseconds{
      ticks
      * (1'000'000'000ULL
         / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)))};
    found.threads = number(threads);
    found.virtual_bytes = number(virtual_size);
    found.resident_bytes
      = number(resident_pages)
        * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  found.open_files = count_files(folder + "/fd");
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    found.files_max = limit.rlim_cur;
  return found;
}

} // namespace provision
