#pragma once

#include <cstdlib>
#include <string>

#include "backends/host/file_descriptor.hpp"
#include "shim/remove_tree.hpp"

namespace provision {

/// A fresh folder for a probe, gone with its owner with all that is in it.
struct scratch_place {
  explicit scratch_place(const std::string& folder)
    : path{folder + "/probe-XXXXXX"} {
    if (::mkdtemp(path.data()) == nullptr)
      failed = last_system_error("make a folder in " + folder);
  }
  ~scratch_place() {
    if (!failed)
      (void)shim::remove_tree(path);
  }
  scratch_place(const scratch_place&) = delete;
  scratch_place& operator=(const scratch_place&) = delete;

  std::string path;
  /// Why there is none.
  error failed;
};

} // namespace provision
