#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "backends/host/command.hpp"

namespace provision::test {

/// Folder of an image with Debian's kernel, made once and kept; the error says
/// why it cannot be had here.
inline expected<std::string> test_guest() {
  const auto here = std::filesystem::current_path();
  const auto folder = (here / "build" / "test_guest").string();
  const auto made = run({.program = (here / "scripts/make_test_guest.sh"),
                         .arguments = {folder},
                         .deadline = std::chrono::minutes{2}});
  return made ? expected<std::string>{folder} : fail(made.error());
}

} // namespace provision::test
