#pragma once

#include "backends/host/btrfs_volume_backend.hpp"

namespace provision {

/// The pool's folder, on btrfs: mounts the image if there is one, makes it if
/// there is none and the settings give a size. errc::backend_failure names
/// what is missing and how to get it; errc::disk_full.
expected<folder> open_btrfs_pool(const btrfs_pool& pool);

} // namespace provision
