#include "backends/host/ext4_calls.hpp"

#include <array>
#include <chrono>
#include <cstring>

#include <endian.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/file_descriptor.hpp"

namespace provision::ext4 {

namespace {

/// EXT4_IOC_RESIZE_FS; older headers lack it.
constexpr unsigned long resize_request = _IOW('f', 16, std::uint64_t);

/// Resizing reads and writes whole bitmaps; a large image takes its time.
constexpr std::chrono::minutes patience{10};

constexpr std::size_t superblock_offset = 1024;
constexpr std::size_t superblock_size = 1024;

template <class T>
T field(const std::array<char, superblock_size>& block, std::size_t offset) {
  T result{};
  std::memcpy(&result, block.data() + offset, sizeof result);
  if constexpr (sizeof(T) == 2)
    return le16toh(result);
  else
    return le32toh(result);
}

} // namespace

expected<std::uint64_t> size(const std::string& path) {
  const file_descriptor file{
    ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!file)
    return fail(last_system_error("open " + path));
  std::array<char, superblock_size> block{};
  const auto got
    = ::pread(file.number(), block.data(), block.size(), superblock_offset);
  if (got < 0)
    return fail(last_system_error("read " + path));
  const auto scale = field<std::uint32_t>(block, 24);
  if (got != static_cast<ssize_t>(block.size())
      || field<std::uint16_t>(block, 56) != 0xef53 || scale > 6)
    return fail(errc::storage_corrupt, path + " holds no ext4 file system");
  auto blocks = std::uint64_t{field<std::uint32_t>(block, 4)};
  constexpr std::uint32_t feature_64bit = 0x80;
  if ((field<std::uint32_t>(block, 96) & feature_64bit) != 0)
    blocks |= std::uint64_t{field<std::uint32_t>(block, 336)} << 32U;
  return blocks * (std::uint64_t{1024} << scale);
}

error grow_mounted(const std::string& point, std::uint64_t bytes) {
  const file_descriptor top{
    ::open(point.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  int block = 0;
  if (!top || ::ioctl(top.number(), FIGETBSZ, &block) != 0 || block <= 0)
    return last_system_error("open " + point);
  std::uint64_t blocks = bytes / static_cast<unsigned>(block);
  if (::ioctl(top.number(), resize_request, &blocks) != 0)
    return last_system_error("grow file system at " + point);
  return {};
}

error check(const std::string& image) {
  const auto program = find_program("e2fsck", "e2fsprogs");
  if (!program)
    return program.error();
  const auto done = run({.program = *program,
                         .arguments = {"-f", "-p", image},
                         .deadline = patience});
  // 1: errors were found and corrected.
  if (!done && done.error().detail != 1)
    return done.error();
  return {};
}

error resize(const std::string& image, std::uint64_t bytes) {
  const auto program = find_program("resize2fs", "e2fsprogs");
  if (!program)
    return program.error();
  const auto done
    = run({.program = *program,
           .arguments = {image, std::to_string(bytes / 1024) + "K"},
           .deadline = patience});
  if (done)
    return {};
  const auto& why = done.error();
  if (why.message.find("smaller than minimum") != std::string::npos)
    return {errc::invalid_reservation,
            image + ": its files do not fit into " + std::to_string(bytes)
              + " bytes",
            why.detail};
  return why;
}

} // namespace provision::ext4
