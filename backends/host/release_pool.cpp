#include <filesystem>

#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/mounts.hpp"

namespace provision {

namespace {

/// A pool folder that the operator mounted stays mounted.
bool mounted_by_us(const std::string& pool) {
  const auto here = mounts_at(pool);
  const auto loops = loops_of(pool + ".img");
  return here && loops && !here->empty() && !loops->empty()
         && here->back().source == loops->front();
}

} // namespace

// Loop devices go with the last mount, which may be another namespace's.
error release_pool(const std::string& pool) {
  std::error_code code;
  const auto path = std::filesystem::canonical(pool, code).string();
  if (code == std::errc::no_such_file_or_directory)
    return {};
  if (code)
    return system_error("folder " + pool, code.value());
  const auto all = mounts();
  if (!all)
    return all.error();
  for (const auto& mount : *all) {
    if (!mount.point.starts_with(path + "/mnt/"))
      continue;
    const auto name = std::filesystem::path{mount.point}.filename().string();
    if (mount.point != path + "/mnt/" + name)
      continue;
    if (auto err = unmount(mount.point))
      return err;
  }
  if (!mounted_by_us(path))
    return {};
  return unmount(path);
}

} // namespace provision
