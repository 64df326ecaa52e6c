#include "backends/host/choose_volume_backend.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "backends/host/btrfs_volume_backend.hpp"
#include "backends/host/directory_volume_backend.hpp"
#include "backends/host/ext4_volume_backend.hpp"

namespace provision {

namespace {

using backend_ptr = std::unique_ptr<volume_backend>;

constexpr std::array<std::string_view, 3> techniques{"btrfs", "ext4-image",
                                                     "directory"};

constexpr std::uint64_t mebibyte = 1U << 20U;

/// The same folder for all spellings of its path, and the one above it.
struct place {
  folder parent;
  std::string name;

  std::string path() const { return parent.path(name); }
};

expected<place> find_place(const std::string& pool) {
  auto made = folder::make(pool);
  if (!made)
    return fail(made.error());
  const std::filesystem::path path{made->path()};
  if (!path.has_filename())
    return fail(errc::invalid_configuration,
                "the root folder cannot be a pool of volumes");
  auto parent = folder::open(path.parent_path().string());
  if (!parent)
    return fail(parent.error());
  return place{std::move(*parent), path.filename().string()};
}

template <class T>
expected<backend_ptr> widen(expected<std::unique_ptr<T>> made) {
  if (!made)
    return fail(made.error());
  return backend_ptr{std::move(*made)};
}

expected<backend_ptr> open_backend(std::string_view technique,
                                   const std::string& pool,
                                   std::uint64_t image_bytes,
                                   const std::string& reason) {
  if (technique == "btrfs")
    return widen(
      btrfs_volume_backend::open({.folder = pool, .image_bytes = image_bytes}));
  if (technique == "ext4-image")
    return widen(ext4_volume_backend::open(pool, reason));
  return widen(directory_volume_backend::open(pool, reason));
}

/// Leaves nothing of a scratch pool, whatever became of it.
error remove_scratch(const std::string& scratch) {
  if (auto err = release_pool(scratch))
    return err;
  std::error_code code;
  for (const auto* end : {"", ".img", ".img.tmp"}) {
    std::filesystem::remove_all(scratch + end, code);
    if (code)
      return system_error("remove " + scratch + end, code.value());
  }
  return {};
}

/// Makes a small pool beside the real one and fills a volume there.
error prove(std::string_view technique, const place& pool) {
  if (technique == "directory")
    return {};
  const auto scratch = pool.path() + ".probe";
  if (auto err = remove_scratch(scratch))
    return err;
  auto backend = open_backend(technique, scratch, 128 * mebibyte, {});
  auto err = backend ? prove_limit(**backend, 8 * mebibyte) : backend.error();
  if (backend)
    backend->reset();
  const auto removed = remove_scratch(scratch);
  return err ? err : removed;
}

std::uint64_t image_bytes(const config::volume_settings& settings,
                          const place& pool) {
  if (settings.pool_image_size != 0)
    return settings.pool_image_size << 30U;
  struct statvfs facts = {};
  if (::fstatvfs(pool.parent.number(), &facts) != 0)
    return 0;
  const auto free = facts.f_bavail * facts.f_frsize;
  return free / 2 / mebibyte * mebibyte;
}

/// The technique that made the pool; empty if it is new.
expected<std::string> remembered(const place& pool) {
  const auto name = pool.name + ".technique";
  const auto found = pool.parent.look(name);
  if (!found)
    return fail(found.error());
  if (!found->exists)
    return std::string{};
  auto text = read_whole(pool.parent.path(name));
  if (!text)
    return text;
  text->erase(text->find_last_not_of('\n') + 1);
  for (const auto technique : techniques)
    if (*text == technique)
      return text;
  return fail(errc::invalid_configuration,
              pool.parent.path(name) + " names no technique: " + *text);
}

error remember(const place& pool, const std::string& technique) {
  const auto name = pool.name + ".technique";
  const auto temporary = name + ".tmp";
  const auto line = technique + '\n';
  file_descriptor file{
    ::openat(pool.parent.number(), temporary.c_str(),
             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file
      || ::write(file.number(), line.data(), line.size())
           != static_cast<ssize_t>(line.size())
      || ::fsync(file.number()) != 0)
    return last_system_error("write " + pool.parent.path(temporary));
  if (auto err = pool.parent.rename(temporary, name))
    return err;
  return pool.parent.sync();
}

/// The first technique that proves itself, and in `reason` why not the ones
/// before it.
std::string first_proven(const place& pool, std::string& reason) {
  for (const auto technique : techniques) {
    const auto err = prove(technique, pool);
    if (!err)
      return std::string{technique};
    if (!reason.empty())
      reason += "; ";
    reason += std::string{technique} + ": " + err.message;
  }
  return std::string{techniques.back()};
}

/// Which technique the pool gets; errors as choose_volume_backend.
expected<std::string> decide(const config::volume_settings& settings,
                             const place& pool, std::string& reason) {
  auto before = remembered(pool);
  if (!before)
    return before;
  const auto& wanted = settings.technique;
  if (!before->empty()) {
    if (wanted != "auto" && wanted != *before)
      return fail(errc::invalid_configuration,
                  "pool " + pool.path() + " holds volumes of technique "
                    + *before + ", not " + wanted
                    + "; name that technique or another pool");
    return before;
  }
  if (wanted == "auto")
    return first_proven(pool, reason);
  if (auto err = prove(wanted, pool))
    return fail(err.code, "volumes.technique " + wanted + ": " + err.message,
                err.detail);
  return wanted;
}

bool is_known(std::string_view technique) {
  for (const auto known : techniques)
    if (technique == known)
      return true;
  return technique == "auto";
}

/// A new folder below `parent`, removed with its owner.
class scratch_folder {
public:
  explicit scratch_folder(const std::string& parent)
    : path_{parent + "/.probe-XXXXXX"} {
    if (::mkdtemp(path_.data()) == nullptr)
      path_.clear();
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    // Empty if all went well; else something is mounted that must stay.
    if (!path_.empty())
      ::rmdir(path_.c_str());
  }

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace

ability probe_volumes(const std::string& parent) {
  const scratch_folder scratch{parent};
  if (scratch.path().empty())
    return {.state = ability::level::missing,
            .reason = last_system_error("make a folder in " + parent).message,
            .remedy = "name a data folder that can be written"};
  auto above = folder::open(scratch.path());
  if (!above)
    return {.state = ability::level::missing, .reason = above.error().message};
  std::string reason;
  const auto technique = first_proven(place{std::move(*above), "pool"}, reason);
  if (reason.empty())
    return {.state = ability::level::ok, .technique = technique};
  return {.state = ability::level::degraded,
          .technique = technique,
          .reason = reason,
          .remedy = "run as root on a kernel with btrfs and loop devices; "
                    "install the packages btrfs-progs and e2fsprogs"};
}

expected<std::unique_ptr<volume_backend>>
choose_volume_backend(const config::volume_settings& settings,
                      const std::string& pool_folder) {
  if (!is_known(settings.technique))
    return fail(errc::invalid_configuration,
                "volumes.technique " + settings.technique
                  + " is none of auto, btrfs, ext4-image, directory");
  const auto pool = find_place(pool_folder);
  if (!pool)
    return fail(pool.error());
  std::string reason;
  const auto technique = decide(settings, *pool, reason);
  if (!technique)
    return fail(technique.error());
  auto backend = open_backend(*technique, pool->path(),
                              image_bytes(settings, *pool), reason);
  if (!backend)
    return backend;
  if (auto err = remember(*pool, *technique))
    return fail(err);
  return backend;
}

} // namespace provision
