#pragma once

#include <cstdint>
#include <string>

#include "messages/error.hpp"

/// What is done to an ext4 file system as a whole.
namespace provision::ext4 {

/// Size according to its superblock, bytes; `path` is an image or a device.
/// errc::storage_corrupt if it is not ext4.
expected<std::uint64_t> size(const std::string& path);

/// Grows a mounted file system to `bytes`. EPERM (in `detail`) if this process
/// lacks CAP_SYS_RESOURCE.
error grow_mounted(const std::string& point, std::uint64_t bytes);

/// Repairs an unmounted image as far as that needs no decision.
error check(const std::string& image);

/// Grows or shrinks an unmounted, checked image's file system.
/// errc::invalid_reservation if the files need more.
error resize(const std::string& image, std::uint64_t bytes);

} // namespace provision::ext4
