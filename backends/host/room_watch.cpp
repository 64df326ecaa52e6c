#include "backends/host/room_watch.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include <fts.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "backends/host/file_descriptor.hpp"

namespace provision {

namespace {

expected<std::uint64_t> free_bytes(const std::string& folder) {
  struct statvfs facts = {};
  if (::statvfs(folder.c_str(), &facts) != 0)
    return fail(last_system_error("room of " + folder));
  return std::uint64_t{facts.f_bavail} * facts.f_frsize;
}

} // namespace

expected<std::uint64_t> taken_bytes(const std::string& path) {
  auto name = path;
  char* const roots[] = {name.data(), nullptr};
  const std::unique_ptr<FTS, int (*)(FTS*)> walk{
    ::fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, nullptr),
    ::fts_close};
  if (!walk)
    return fail(last_system_error("measure " + path));
  constexpr std::uint64_t stat_block = 512;
  std::uint64_t sum = 0;
  errno = 0;
  while (const auto* item = ::fts_read(walk.get())) {
    if (item->fts_info == FTS_DP || item->fts_info == FTS_NS)
      continue;
    // What has no block of its own still takes a place in the file system.
    const auto blocks = static_cast<std::uint64_t>(item->fts_statp->st_blocks);
    sum += std::max<std::uint64_t>(blocks * stat_block, stat_block);
  }
  return sum;
}

room_watch::room_watch(room_limits limits)
  : limits_{std::move(limits)},
    free_at_first_{free_bytes(limits_.folder).value_or(0)},
    walk_at_{limits_.bytes_max} {
}

error room_watch::look() {
  const auto free = free_bytes(limits_.folder);
  if (!free)
    return free.error();
  if (*free < limits_.free_bytes_min)
    return {errc::disk_full, limits_.folder + ": only " + std::to_string(*free)
                               + " bytes are free"};
  const auto lost = free_at_first_ > *free ? free_at_first_ - *free : 0;
  if (lost <= walk_at_)
    return {};
  // Others may have taken it: not to be walked at every look from now on.
  walk_at_ = lost + limits_.bytes_max / 8;
  return look_closely();
}

error room_watch::look_closely() {
  const auto taken = taken_bytes(limits_.folder);
  if (!taken)
    return taken.error();
  if (*taken > limits_.bytes_max)
    return {errc::invalid_reservation,
            "takes more than " + std::to_string(limits_.bytes_max) + " bytes"};
  return {};
}

} // namespace provision
