#include "backends/host/fetched_layout.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/host/image_layout.hpp"

namespace provision {

namespace {

constexpr mode_t own_alone = 0600;

error not_as_it_should(const std::string& path, const std::string& why) {
  return {errc::invalid_reservation, "flist: what was fetched is no image: "
                                       + path.substr(path.rfind('/') + 1) + ' '
                                       + why};
}

/// Whether somebody has it open for writing, be it a process that was handed
/// the open file: the kernel grants no lease then.
bool is_being_written(const file_descriptor& file) {
  return ::fcntl(file.number(), F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
}

/// Others may know the name, so it is looked at before it is opened: opening a
/// device or a pipe has consequences.
error take_file(const folder& from, const std::string& name, const folder& to) {
  const auto path = from.path(name);
  const auto seen = from.look(name);
  if (!seen)
    return seen.error();
  if (!seen->is_file)
    return not_as_it_should(path,
                            seen->exists ? "is no plain file" : "is missing");
  const file_descriptor file{
    ::openat(from.number(), name.c_str(),
             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  struct stat facts = {};
  if (!file || ::fstat(file.number(), &facts) != 0)
    return last_system_error("open " + path);
  if (!S_ISREG(facts.st_mode) || facts.st_nlink != 1)
    return not_as_it_should(path, "is not a plain file with one name");
  if (::fchown(file.number(), ::geteuid(), ::getegid()) != 0
      || ::fchmod(file.number(), own_alone) != 0)
    return last_system_error("take " + path);
  if (is_being_written(file))
    return not_as_it_should(path, "is still written to");
  if (::renameat(from.number(), name.c_str(), to.number(), name.c_str()) != 0)
    return last_system_error("take " + path);
  // Whoever still reaches the folder may have put another in its place.
  const auto moved = to.look(name);
  if (!moved || moved->inode != facts.st_ino)
    return not_as_it_should(path, "was replaced");
  return {};
}

expected<folder> child_of_layout(const folder& from, const std::string& name) {
  const auto seen = from.look(name);
  if (!seen)
    return fail(seen.error());
  if (!seen->is_folder || seen->is_mount)
    return fail(not_as_it_should(from.path(name), "is no folder"));
  return from.child(name);
}

bool is_blob_name(const std::string& name) {
  return is_plain_digest("sha256-" + name);
}

error take_blobs(const folder& from, const folder& to) {
  const auto names = from.names();
  if (!names)
    return names.error();
  for (const auto& name : *names)
    if (is_blob_name(name))
      if (auto failed = take_file(from, name, to))
        return failed;
  return {};
}

} // namespace

error take_layout(const folder& from, const std::string& name,
                  const folder& to) {
  const auto layout = child_of_layout(from, name);
  const auto blobs
    = layout
        .and_then([](const folder& at) { return child_of_layout(at, "blobs"); })
        .and_then(
          [](const folder& at) { return child_of_layout(at, "sha256"); });
  if (!blobs)
    return blobs.error();
  const auto taken = to.make_child(name);
  const auto taken_blobs
    = taken.and_then([](const folder& at) { return at.make_child("blobs"); })
        .and_then([](const folder& at) { return at.make_child("sha256"); });
  if (!taken_blobs)
    return taken_blobs.error();
  for (const auto* document : {"oci-layout", "index.json"})
    if (auto failed = take_file(*layout, document, *taken))
      return failed;
  return take_blobs(*blobs, *taken_blobs);
}

} // namespace provision
