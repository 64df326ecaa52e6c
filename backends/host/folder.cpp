#include "backends/host/folder.hpp"

#include <cerrno>
#include <filesystem>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace provision {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

} // namespace

expected<bool> path_exists(const std::string& path) {
  struct stat facts = {};
  if (::lstat(path.c_str(), &facts) == 0)
    return true;
  if (errno == ENOENT || errno == ENOTDIR)
    return false;
  return fail(last_system_error("look at " + path));
}

expected<folder> folder::open(const std::string& path) {
  std::error_code code;
  folder result;
  result.path_ = std::filesystem::canonical(path, code).string();
  if (code)
    return fail(system_error("folder " + path, code.value()));
  result.descriptor_
    = file_descriptor{::open(result.path_.c_str(), folder_flags)};
  if (!result.descriptor_)
    return fail(last_system_error("open folder " + path));
  return result;
}

expected<folder> folder::make(const std::string& path) {
  std::error_code code;
  const auto parent
    = std::filesystem::absolute(path, code).lexically_normal().parent_path();
  if (!code)
    std::filesystem::create_directories(parent, code);
  if (code)
    return fail(system_error("make folder " + parent.string(), code.value()));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(last_system_error("make folder " + path));
  return open(path);
}

expected<folder> folder::make_child(const std::string& name) const {
  if (::mkdirat(number(), name.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(last_system_error("make folder " + path(name)));
  return child(name);
}

expected<folder> folder::child(const std::string& name) const {
  folder result;
  result.path_ = path(name);
  result.descriptor_ = file_descriptor{
    ::openat(number(), name.c_str(), folder_flags | O_NOFOLLOW)};
  if (!result.descriptor_)
    return fail(last_system_error("open folder " + result.path_));
  return result;
}

expected<entry> folder::look(const std::string& name) const {
  struct statx found = {};
  constexpr auto wanted = STATX_TYPE | STATX_INO | STATX_SIZE;
  if (::statx(number(), name.c_str(), AT_SYMLINK_NOFOLLOW, wanted, &found)
      != 0) {
    if (errno == ENOENT)
      return entry{};
    return fail(last_system_error("look at " + path(name)));
  }
  return entry{.exists = true,
               .is_folder = S_ISDIR(found.stx_mode),
               .is_file = S_ISREG(found.stx_mode),
               .is_mount = (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0,
               .inode = found.stx_ino,
               .size = found.stx_size};
}

error folder::make_file(const std::string& name) const {
  const file_descriptor file{::openat(
    number(), name.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file)
    return last_system_error("make file " + path(name));
  return {};
}

error folder::remove_file(const std::string& name) const {
  if (::unlinkat(number(), name.c_str(), 0) != 0 && errno != ENOENT)
    return last_system_error("remove " + path(name));
  return {};
}

error folder::remove_empty_folder(const std::string& name) const {
  if (::unlinkat(number(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return last_system_error("remove folder " + path(name));
  return {};
}

error folder::rename(const std::string& from, const std::string& to) const {
  if (::renameat(number(), from.c_str(), number(), to.c_str()) != 0)
    return last_system_error("rename " + path(from) + " to " + to);
  return {};
}

expected<std::vector<std::string>> folder::names() const {
  const auto copy = ::openat(number(), ".", folder_flags);
  const std::unique_ptr<DIR, int (*)(DIR*)> open_list{
    copy < 0 ? nullptr : ::fdopendir(copy), [](DIR* d) { return closedir(d); }};
  if (!open_list)
    return fail(last_system_error("list folder " + path_));
  std::vector<std::string> result;
  errno = 0;
  while (const auto* item = ::readdir(open_list.get())) {
    const std::string name = item->d_name;
    if (name != "." && name != "..")
      result.push_back(name);
  }
  if (errno != 0)
    return fail(last_system_error("list folder " + path_));
  return result;
}

error folder::sync() const {
  if (::fsync(number()) != 0)
    return last_system_error("sync folder " + path_);
  return {};
}

} // namespace provision
