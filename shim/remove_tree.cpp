#include "shim/remove_tree.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/small_file.hpp"

namespace provision::shim {

namespace {

/// A folder, closed at the end of its scope.
class open_folder {
public:
  /// -1: it could not be opened, and errno says why.
  explicit open_folder(int number)
    : list_{number < 0 ? nullptr : ::fdopendir(number)} {
    if (list_ == nullptr && number >= 0)
      ::close(number);
  }
  ~open_folder() {
    if (list_ != nullptr)
      ::closedir(list_);
  }
  open_folder(const open_folder&) = delete;
  open_folder& operator=(const open_folder&) = delete;

  bool is_open() const { return list_ != nullptr; }
  int number() const { return ::dirfd(list_); }

  /// What is in it now.
  std::vector<std::string> names() {
    std::vector<std::string> result;
    ::rewinddir(list_);
    while (const auto* item = ::readdir(list_)) {
      std::string name = item->d_name;
      if (name != "." && name != "..")
        result.push_back(std::move(name));
    }
    return result;
  }

private:
  DIR* list_;
};

/// The mount that an open folder is in; nothing if the kernel does not say.
std::optional<std::uint64_t> mount_of(int folder) {
  struct statx facts = {};
  if (::statx(folder, "", AT_EMPTY_PATH, STATX_MNT_ID, &facts) != 0)
    return std::nullopt;
  return facts.stx_mnt_id;
}

/// Through no link and into no mount; `name` is one step, so it leads nowhere
/// else. Not by openat2(2), which services that may make no set-uid files are
/// denied.
int open_below(int place, const std::string& name) {
  const auto number = ::openat(place, name.c_str(),
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (number < 0)
    return number;
  const auto here = mount_of(place);
  if (here && here == mount_of(number))
    return number;
  ::close(number);
  errno = EXDEV;
  return -1;
}

/// Whether it is gone; false with ENOTEMPTY for a folder that holds something.
bool remove_alone(int place, const std::string& name) {
  if (::unlinkat(place, name.c_str(), 0) == 0 || errno == ENOENT)
    return true;
  if (errno != EISDIR)
    return false;
  if (::unlinkat(place, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT)
    return true;
  if (errno == EEXIST)
    errno = ENOTEMPTY;
  return false;
}

/// Removes a tree from its top: what is deep is moved up instead of walked
/// down to, so that depth costs nothing.
class removal {
public:
  explicit removal(open_folder& top) : top_{top} {}

  error run() {
    for (auto names = top_.names(); !names.empty(); names = top_.names())
      for (const auto& name : names)
        if (auto failed = remove(name))
          return failed;
    return {};
  }

private:
  error remove(const std::string& name) {
    if (remove_alone(top_.number(), name))
      return {};
    if (errno != ENOTEMPTY)
      return errno_error("remove " + name);
    open_folder below{open_below(top_.number(), name)};
    if (!below.is_open())
      return errno_error("open folder " + name);
    for (const auto& deeper : below.names()) {
      if (remove_alone(below.number(), deeper))
        continue;
      if (errno != ENOTEMPTY || !move_up(below.number(), deeper))
        return errno_error("remove " + deeper);
    }
    if (!remove_alone(top_.number(), name))
      return errno_error("remove " + name);
    return {};
  }

  bool move_up(int from, const std::string& name) {
    for (;;) {
      const auto fresh = "removing-" + std::to_string(++moved_);
      if (::renameat2(from, name.c_str(), top_.number(), fresh.c_str(),
                      RENAME_NOREPLACE)
          == 0)
        return true;
      // Somebody else had that idea.
      if (errno != EEXIST)
        return false;
    }
  }

  open_folder& top_;
  std::uint64_t moved_ = 0;
};

} // namespace

error remove_tree(const std::string& path) {
  if (remove_alone(AT_FDCWD, path))
    return {};
  if (errno != ENOTEMPTY)
    return errno_error("remove " + path);
  open_folder top{
    ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!top.is_open())
    return errno_error("open folder " + path);
  auto failed = removal{top}.run();
  if (!failed && !remove_alone(AT_FDCWD, path))
    failed = errno_error("remove");
  if (failed)
    failed.message = path + ": " + failed.message;
  return failed;
}

} // namespace provision::shim
