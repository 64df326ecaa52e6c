#include "backends/host/ext4_volume_backend.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <sys/statvfs.h>

#include "backends/host/command.hpp"
#include "backends/host/ext4_calls.hpp"
#include "backends/host/image_file.hpp"
#include "backends/host/mounts.hpp"
#include "messages/reservation.hpp"

namespace provision {

namespace {

constexpr std::uint64_t block = 4096;

/// mkfs leaves out a last group of blocks that is too small for its own
/// bookkeeping; less than this is no sign of a resize that broke off.
constexpr std::uint64_t tail_bytes_max = 4ULL << 20U;

std::string image_of(const std::string& name) {
  return name + ".img";
}

error check_id(std::string_view id) {
  if (is_safe_id(id))
    return {};
  return {errc::invalid_reservation, "volume id is not usable"};
}

bool fits(std::uint64_t file_system, std::uint64_t image) {
  return file_system <= image && image - file_system < tail_bytes_max;
}

expected<std::uint64_t> used_bytes(const std::string& path) {
  struct statvfs facts = {};
  if (::statvfs(path.c_str(), &facts) != 0)
    return fail(last_system_error("usage of " + path));
  return (facts.f_blocks - facts.f_bfree) * facts.f_frsize;
}

} // namespace

/// What the host has of a volume.
struct ext4_volume_backend::state {
  bool made = false;
  bool mounted = false;
  /// Loop device, if mounted.
  std::string device = {};
  std::uint64_t image_bytes = 0;
  std::uint64_t file_system_bytes = 0;
};

expected<std::unique_ptr<ext4_volume_backend>>
ext4_volume_backend::open(const std::string& pool, std::string reason,
                          step_hook before_step) {
  for (const auto* program : {"mkfs.ext4", "e2fsck", "resize2fs"})
    if (const auto path = find_program(program, "e2fsprogs"); !path)
      return fail(path.error());
  auto place = folder::make(pool);
  if (!place)
    return fail(place.error());
  auto points = place->make_child("mnt");
  if (!points)
    return fail(points.error());
  std::unique_ptr<ext4_volume_backend> result{new ext4_volume_backend};
  result->pool_ = std::move(*place);
  result->points_ = std::move(*points);
  result->reason_ = std::move(reason);
  result->before_step_ = std::move(before_step);
  return result;
}

volume_ability ext4_volume_backend::ability() const {
  return {.technique = "ext4-image", .enforced = true, .reason = reason_};
}

std::string ext4_volume_backend::point(const std::string& name) const {
  return points_.path(name);
}

expected<ext4_volume_backend::state>
ext4_volume_backend::find(const std::string& name) const {
  const auto image = pool_.look(image_of(name));
  const auto place = points_.look(name);
  const auto here = mounts_at(point(name));
  const auto loops = loops_of(pool_.path(image_of(name)));
  if (!image || !place || !here || !loops)
    return fail(!image   ? image.error()
                : !place ? place.error()
                : !here  ? here.error()
                         : loops.error());
  state result{.made = image->exists,
               .mounted = !here->empty(),
               .image_bytes = image->size};
  if ((image->exists && !image->is_file)
      || (place->exists && !place->is_folder))
    return fail(errc::backend_failure,
                "volume " + name + ": something else bears its name");
  if (result.mounted) {
    result.device = here->back().source;
    if (std::find(loops->begin(), loops->end(), result.device) == loops->end())
      return fail(errc::backend_failure,
                  point(name) + " holds a mount that is not the volume's");
  }
  return result;
}

expected<ext4_volume_backend::state>
ext4_volume_backend::look(const std::string& name) const {
  auto result = find(name);
  if (!result || !result->made)
    return result;
  // The kernel's view is newer than the file's.
  const auto size
    = ext4::size(result->mounted ? result->device : pool_.path(image_of(name)));
  if (!size)
    return fail(size.error());
  result->file_system_bytes = *size;
  return result;
}

volume_facts ext4_volume_backend::inspect(std::string_view id) {
  if (const auto err = check_id(id))
    return {.state = presence::unknown, .reason = err.message};
  const std::string name{id};
  const auto now = look(name);
  if (!now)
    return {.state = presence::unknown, .reason = now.error().message};
  if (!now->made && !now->mounted) {
    const auto begun = pool_.look(image_of(name) + ".tmp");
    if (begun && !begun->exists)
      return {};
    return {.state = presence::partial, .reason = "image is not complete"};
  }
  if (!now->made || !now->mounted)
    return {.state = presence::partial, .reason = "not mounted"};
  if (!fits(now->file_system_bytes, now->image_bytes))
    return {.state = presence::partial, .reason = "resize not complete"};
  const auto used = used_bytes(point(name));
  if (!used)
    return {.state = presence::unknown, .reason = used.error().message};
  return {.state = presence::present,
          .path = point(name),
          .limit_bytes = now->image_bytes,
          .used_bytes = *used};
}

expected<std::string> ext4_volume_backend::ensure(std::string_view id,
                                                  std::uint64_t limit_bytes) {
  if (auto err = check_id(id))
    return fail(err);
  const std::string name{id};
  if (limit_bytes == 0)
    return fail(errc::invalid_reservation,
                "volume " + name + ": no size asked");
  const auto bytes = (limit_bytes + block - 1) / block * block;
  auto now = look(name);
  if (!now)
    return fail(now.error());
  if (!now->made) {
    if (auto err = create(name, bytes))
      return fail(err);
    now = look(name);
    if (!now)
      return fail(now.error());
  }
  if (!now->mounted)
    if (auto err = mount(name))
      return fail(err);
  if (now->image_bytes != bytes || !fits(now->file_system_bytes, bytes)) {
    now = look(name);
    if (!now)
      return fail(now.error());
    if (auto err = resize(name, *now, bytes))
      return fail(err);
  }
  return point(name);
}

error ext4_volume_backend::create(const std::string& name,
                                  std::uint64_t bytes) {
  const auto program = find_program("mkfs.ext4", "e2fsprogs");
  if (!program)
    return program.error();
  return make_image(
    pool_,
    {.name = image_of(name),
     .bytes = bytes,
     .program = *program,
     // nodiscard, or the reserved room would be given back.
     .arguments = {"-q", "-F", "-m0", "-E",
                   "lazy_itable_init=1,lazy_journal_init=1,nodiscard"}},
    before_step_);
}

error ext4_volume_backend::mount(const std::string& name) {
  if (auto err = pass(before_step_, "make mount point"))
    return err;
  const auto place = points_.make_child(name);
  if (!place)
    return place.error();
  if (auto err = pass(before_step_, "mount"))
    return err;
  return mount_image(pool_.path(image_of(name)), place->path(), "ext4");
}

error ext4_volume_backend::unmount(const std::string& name) {
  if (auto err = provision::unmount(point(name)))
    return err;
  return detach_loops(pool_.path(image_of(name)));
}

error ext4_volume_backend::resize(const std::string& name, const state& now,
                                  std::uint64_t bytes) {
  const auto used = used_bytes(point(name));
  if (!used)
    return used.error();
  if (bytes < *used)
    return {errc::invalid_reservation,
            "volume " + name + ": " + std::to_string(bytes) + " bytes asked, "
              + std::to_string(*used) + " in use"};
  // Room first when growing, so that the file system never outgrows its image.
  if (auto err = pass(before_step_, "extend image"))
    return err;
  if (bytes > now.image_bytes)
    if (auto err = extend_image(pool_, image_of(name), bytes))
      return err;
  if (bytes > now.file_system_bytes) {
    auto err = resize_in_use(name, now, bytes);
    if (err.detail != EPERM)
      return err;
  }
  if (auto err = pass(before_step_, "unmount to resize"))
    return err;
  auto err = unmount(name);
  if (!err)
    err = resize_at_rest(name, bytes);
  // Whatever came of it, the workload gets its volume back.
  const auto left = look(name);
  auto failed = left && !left->mounted ? mount(name) : error{};
  return err ? err : failed;
}

error ext4_volume_backend::resize_in_use(const std::string& name,
                                         const state& now,
                                         std::uint64_t bytes) {
  if (auto err = pass(before_step_, "resize in use"))
    return err;
  if (auto err = refresh_loop_size(now.device))
    return err;
  return ext4::grow_mounted(point(name), bytes);
}

error ext4_volume_backend::resize_at_rest(const std::string& name,
                                          std::uint64_t bytes) {
  const auto image = pool_.path(image_of(name));
  if (auto err = pass(before_step_, "check image"))
    return err;
  if (auto err = ext4::check(image))
    return err;
  if (auto err = pass(before_step_, "resize image"))
    return err;
  if (auto err = ext4::resize(image, bytes))
    return err;
  if (auto err = pass(before_step_, "cut image"))
    return err;
  return cut_image(pool_, image_of(name), bytes);
}

error ext4_volume_backend::destroy(std::string_view id) {
  if (auto err = check_id(id))
    return err;
  const std::string name{id};
  // A damaged file system is no reason to keep the image.
  if (const auto now = find(name); !now)
    return now.error();
  if (auto err = pass(before_step_, "unmount"))
    return err;
  if (auto err = unmount(name))
    return err;
  for (const auto& file : {image_of(name), image_of(name) + ".tmp"}) {
    if (auto err = pass(before_step_, "remove image"))
      return err;
    if (auto err = pool_.remove_file(file))
      return err;
  }
  if (auto err = pass(before_step_, "remove mount point"))
    return err;
  if (auto err = points_.remove_empty_folder(name))
    return err;
  return pool_.sync();
}

expected<std::vector<held_object>> ext4_volume_backend::list() {
  const auto names = pool_.names();
  if (!names)
    return fail(names.error());
  const auto mark = image_of({});
  std::vector<held_object> held;
  for (const auto& name : *names) {
    if (!name.ends_with(mark))
      continue;
    const auto id = name.substr(0, name.size() - mark.size());
    // What is no reservation's was laid there by somebody else.
    if (!split_reservation_id(id))
      continue;
    const auto found = pool_.look(name);
    if (!found)
      return fail(found.error());
    if (found->is_file)
      held.push_back({.id = id});
  }
  return held;
}

} // namespace provision
