#include "backends/host/image_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "backends/host/command.hpp"

namespace provision {

namespace {

expected<file_descriptor> open_image(const folder& place,
                                     const std::string& name, int flags) {
  file_descriptor file{::openat(place.number(), name.c_str(),
                                O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600)};
  if (!file)
    return fail(last_system_error("open " + place.path(name)));
  return file;
}

error reserve(const file_descriptor& file, const std::string& path,
              std::uint64_t bytes) {
  // A request that cannot succeed would fill the disk before it fails.
  struct statvfs room = {};
  struct stat now = {};
  if (::fstatvfs(file.number(), &room) != 0
      || ::fstat(file.number(), &now) != 0)
    return last_system_error("room for " + path);
  constexpr std::uint64_t stat_block = 512;
  const auto has = static_cast<std::uint64_t>(now.st_blocks) * stat_block;
  const auto free = room.f_bavail * room.f_frsize;
  if (bytes > has && bytes - has > free)
    return {errc::disk_full,
            path + ": " + std::to_string(bytes - has) + " bytes asked, "
              + std::to_string(free) + " free",
            ENOSPC};
  int code = 0;
  do
    code = ::fallocate(file.number(), 0, 0, static_cast<off_t>(bytes)) == 0
             ? 0
             : errno;
  while (code == EINTR);
  if (code == 0)
    return {};
  return system_error("reserve " + std::to_string(bytes) + " bytes for " + path,
                      code);
}

error sync(const file_descriptor& file, const std::string& path) {
  if (::fsync(file.number()) != 0)
    return last_system_error("sync " + path);
  return {};
}

error format(const image_plan& plan, const std::string& path) {
  command mkfs{.program = plan.program, .arguments = plan.arguments};
  mkfs.arguments.push_back(path);
  const auto done = run(mkfs);
  return done ? error{} : done.error();
}

} // namespace

error make_image(const folder& place, const image_plan& plan,
                 const step_hook& before_step) {
  const auto temporary = plan.name + ".tmp";
  const auto path = place.path(temporary);
  if (auto err = place.remove_file(temporary))
    return err;
  if (auto err = pass(before_step, "create image"))
    return err;
  const auto file = open_image(place, temporary, O_CREAT | O_EXCL);
  if (!file)
    return file.error();
  auto err = reserve(*file, path, plan.bytes);
  if (!err)
    err = pass(before_step, "format image");
  if (!err)
    err = format(plan, path);
  if (!err)
    err = sync(*file, path);
  if (err) {
    // A disk that is full should not stay full of what nobody can use.
    if (err.code == errc::disk_full)
      (void)place.remove_file(temporary);
    return err;
  }
  if (auto stop = pass(before_step, "rename image"))
    return stop;
  if (auto failed = place.rename(temporary, plan.name))
    return failed;
  return place.sync();
}

error extend_image(const folder& place, const std::string& name,
                   std::uint64_t bytes) {
  const auto file = open_image(place, name, 0);
  if (!file)
    return file.error();
  if (auto err = reserve(*file, place.path(name), bytes))
    return err;
  return sync(*file, place.path(name));
}

error cut_image(const folder& place, const std::string& name,
                std::uint64_t bytes) {
  const auto file = open_image(place, name, 0);
  if (!file)
    return file.error();
  if (::ftruncate(file->number(), static_cast<off_t>(bytes)) != 0)
    return last_system_error("cut " + place.path(name));
  return sync(*file, place.path(name));
}

} // namespace provision
