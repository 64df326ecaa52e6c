#pragma once

#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/journeys/node_process.hpp"

namespace provision::journeys {

/// A real ext4 file system of a few megabytes in an image, mounted at a folder
/// until its end. Needs root.
class small_disk {
public:
  small_disk(std::string folder, std::uint64_t megabytes)
    : folder_{std::move(folder)} {
    std::filesystem::create_directories(folder_);
    const auto image = files_.path() + "/image";
    std::ofstream{image};
    std::filesystem::resize_file(image, megabytes << 20U);
    must("/usr/sbin/mkfs.ext4", {"-q", "-m", "0", image});
    must("/usr/bin/mount", {"-o", "loop", image, folder_});
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  /// The loop device goes with the mount.
  ~small_disk() { ::umount2(folder_.c_str(), 0); }

  std::uint64_t free_bytes() const {
    struct statvfs space {};
    ::statvfs(folder_.c_str(), &space);
    return std::uint64_t{space.f_bavail} * space.f_frsize;
  }

  /// Somebody else's file takes all but so much.
  void leave(std::uint64_t bytes) const {
    std::ofstream file{ballast(), std::ios::binary};
    const std::string block(1U << 16U, 'b');
    while (file && free_bytes() > bytes + block.size())
      file.write(block.data(), static_cast<std::streamsize>(block.size()))
        .flush();
  }
  void make_room() const { std::filesystem::remove(ballast()); }

private:
  static void must(const std::string& program,
                   const std::vector<std::string>& words) {
    const auto end = run_program(program, words);
    if (end.code != 0)
      throw std::runtime_error{program + ": " + end.err};
  }
  std::string ballast() const { return folder_ + "/ballast"; }

  test::scratch_folder files_ = {};
  std::string folder_;
};

} // namespace provision::journeys
