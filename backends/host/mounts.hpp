#pragma once

#include <string>
#include <vector>

#include "backends/host/file_descriptor.hpp"

namespace provision {

/// A line of the mount table.
struct mount_entry {
  /// Where it is mounted.
  std::string point = {};
  /// "ext4", "btrfs", ...
  std::string type = {};
  /// "/dev/loop3", ...
  std::string source = {};
  bool read_only = false;

  bool operator==(const mount_entry&) const = default;
};

/// What this process sees mounted, oldest first.
expected<std::vector<mount_entry>> mounts();

/// The mounts at exactly this canonical path, oldest first.
expected<std::vector<mount_entry>> mounts_at(const std::string& path);

/// Mounts the file system in an image file on `point`, through a loop device
/// that goes away by itself with its last mount, also after a crash in between.
/// A device that has the image already is used again: two would destroy it.
/// `noatime`, no device files, no set-uid programs.
error mount_image(const std::string& image, const std::string& point,
                  const std::string& type);

/// Takes down every mount at `path`, newest first; none is a success.
error unmount(const std::string& path);

/// Loop devices ("/dev/loop3") behind which this canonical path is the file.
expected<std::vector<std::string>> loops_of(const std::string& image);

/// Frees loop devices of an image that nothing uses; host_busy if one stays,
/// because somebody else has it mounted.
error detach_loops(const std::string& image);

/// Makes the image's loop device notice that the file has grown or shrunk.
error refresh_loop_size(const std::string& device);

} // namespace provision
