#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/host/folder.hpp"
#include "backends/host/step_hook.hpp"

namespace provision {

/// A file that holds a file system.
struct image_plan {
  /// Name in its folder.
  std::string name = {};
  std::uint64_t bytes = 0;
  /// mkfs program and its options; the image's path is appended.
  std::string program = {};
  std::vector<std::string> arguments = {};
};

/// Makes an image whose room is taken from the disk at once. It bears its name
/// only when it is complete and durable: a half-made one ends in ".tmp" and is
/// begun anew. errc::disk_full, errc::backend_failure.
error make_image(const folder& place, const image_plan& plan,
                 const step_hook& before_step);

/// Gives an image more room; never cuts it. errc::disk_full.
error extend_image(const folder& place, const std::string& name,
                   std::uint64_t bytes);

/// Cuts an image to this size.
error cut_image(const folder& place, const std::string& name,
                std::uint64_t bytes);

} // namespace provision
