#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "messages/workloads/enums.hpp"

namespace provision {

/// What kind of disk something is on, and who says so.
struct disk_finding {
  workloads::disk_type kind = workloads::disk_type::ssd;
  /// For people: "by volumes.disk", "the kernel says that 8:0 turns", ...
  std::string reason = {};
};

/// Whether a block device turns, or one of those that it is made of: a
/// partition is its disk's, a mapped or mirrored device turns if any part of it
/// does, a loop device is what its file is on. Nothing if the kernel does not
/// tell. `sys`: where sysfs is mounted.
std::optional<bool> is_rotating(dev_t device, const std::string& sys = "/sys");

/// The device that a file or folder is on; of a btrfs of several the one that
/// was mounted. Nothing if there is none, as on a tmpfs.
std::optional<dev_t> device_below(const std::string& path);

/// The kind of the disk that this file or folder is on. `wish`: "hdd" or "ssd"
/// decides; "auto": the kernel's word, and ssd where it has none.
disk_finding find_disk_kind(const std::string& path, const std::string& wish);

} // namespace provision
