#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "backends/host/file_descriptor.hpp"

namespace provision {

/// What a name in a folder stands for; a symbolic link is not followed.
struct entry {
  bool exists = false;
  bool is_folder = false;
  bool is_file = false;
  /// Something is mounted here.
  bool is_mount = false;
  std::uint64_t inode = 0;
  /// Bytes.
  std::uint64_t size = 0;
};

/// Whether something bears this name, be it a link that leads nowhere.
expected<bool> path_exists(const std::string& path);

/// An open folder. Names are looked up in it, never along a path, so a
/// symbolic link that somebody plants below the pool leads nowhere.
class folder {
public:
  /// Opens `path`, which is taken as the operator gave it.
  static expected<folder> open(const std::string& path);
  /// Opens `path` after making it and what is missing above it, mode 0700.
  static expected<folder> make(const std::string& path);

  /// Opens a sub-folder, makes it (mode 0700) if it is missing.
  expected<folder> make_child(const std::string& name) const;
  /// Opens a sub-folder; an error if it is missing or not a folder.
  expected<folder> child(const std::string& name) const;

  expected<entry> look(const std::string& name) const;
  /// Makes an empty file; there already is a success.
  error make_file(const std::string& name) const;
  /// Removes a file; absent is a success.
  error remove_file(const std::string& name) const;
  /// Removes an empty folder; absent is a success.
  error remove_empty_folder(const std::string& name) const;
  error rename(const std::string& from, const std::string& to) const;
  /// Names in it, without "." and "..".
  expected<std::vector<std::string>> names() const;
  /// Makes what was created, renamed and removed here durable.
  error sync() const;

  int number() const noexcept { return descriptor_.number(); }
  /// Canonical path, for messages and programs.
  const std::string& path() const noexcept { return path_; }
  std::string path(const std::string& name) const { return path_ + '/' + name; }

private:
  file_descriptor descriptor_;
  std::string path_;
};

} // namespace provision
