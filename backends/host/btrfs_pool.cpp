#include "backends/host/btrfs_pool.hpp"

#include <filesystem>

#include "backends/host/command.hpp"
#include "backends/host/image_file.hpp"
#include "backends/host/mounts.hpp"

namespace provision {

namespace {

/// Below this mkfs.btrfs refuses.
constexpr std::uint64_t image_bytes_min = 128ULL << 20U;

error make_pool_image(const folder& place, const std::string& name,
                      const btrfs_pool& pool) {
  if (pool.image_bytes < image_bytes_min)
    return {errc::backend_failure,
            "folder " + pool.folder
              + " is not on btrfs, and a pool image needs at least 128 MiB"};
  auto program = find_program("mkfs.btrfs", "btrfs-progs");
  if (!program)
    return program.error();
  return make_image(place,
                    {.name = name,
                     .bytes = pool.image_bytes,
                     .program = *program,
                     // Without -K the reserved room would be given back.
                     .arguments = {"-q", "-K"}},
                    pool.before_step);
}

error mount_pool_image(const folder& below, const btrfs_pool& pool) {
  const std::filesystem::path path{below.path()};
  auto place = folder::open(path.parent_path().string());
  if (!place)
    return place.error();
  const auto name = path.filename().string() + ".img";
  const auto image = place->look(name);
  if (!image)
    return image.error();
  if (image->exists && !image->is_file)
    return {errc::backend_failure, place->path(name) + " is not a file"};
  if (!image->exists)
    if (auto err = make_pool_image(*place, name, pool))
      return err;
  if (auto err = pass(pool.before_step, "mount pool"))
    return err;
  return mount_image(place->path(name), below.path(), "btrfs");
}

} // namespace

expected<folder> open_btrfs_pool(const btrfs_pool& pool) {
  auto place = folder::make(pool.folder);
  if (!place)
    return place;
  if (!btrfs::is_btrfs(*place)) {
    if (auto err = mount_pool_image(*place, pool))
      return fail(err);
    // The folder opened above is the one below the mount.
    place = folder::open(place->path());
    if (!place)
      return place;
  }
  const auto here = mounts_at(place->path());
  if (here && !here->empty() && here->back().read_only)
    return fail(errc::host_unavailable,
                "pool " + place->path() + " is mounted read-only");
  return place;
}

} // namespace provision
