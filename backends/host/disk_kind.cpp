#include "backends/host/disk_kind.hpp"

#include <charconv>
#include <filesystem>
#include <string_view>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "backends/host/mounts.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

namespace fs = std::filesystem;
using workloads::disk_type;

/// Devices on devices: more than anybody builds, and an end for a ring.
constexpr int layers_max = 16;

std::string text_of(dev_t device) {
  return std::to_string(major(device)) + ':' + std::to_string(minor(device));
}

std::string first_line(const std::string& path) {
  const auto text = shim::read_small(path);
  return text.substr(0, text.find('\n'));
}

/// "8:0"
std::optional<dev_t> read_device(const std::string& text) {
  unsigned first = 0;
  unsigned second = 0;
  const auto* end = text.data() + text.size();
  const auto middle = std::from_chars(text.data(), end, first);
  if (middle.ec != std::errc{} || middle.ptr == end || *middle.ptr != ':')
    return std::nullopt;
  const auto last = std::from_chars(middle.ptr + 1, end, second);
  if (last.ec != std::errc{} || last.ptr != end)
    return std::nullopt;
  return makedev(first, second);
}

/// The innermost, and of several at one place the one on top.
std::string source_of(const fs::path& path) {
  const auto all = mounts();
  std::string source;
  std::size_t longest = 0;
  if (!all)
    return source;
  for (const auto& mount : *all) {
    const auto relative = path.lexically_relative(mount.point);
    if (relative.empty() || *relative.begin() == ".."
        || mount.point.size() < longest)
      continue;
    longest = mount.point.size();
    source = mount.source;
  }
  return source;
}

/// Whether another machine made up this disk. Such a one calls itself rotating
/// unless somebody there thought of it, whatever is below.
bool is_virtual(const std::string& disk) {
  std::error_code failure;
  const auto driver
    = fs::read_symlink(disk + "/device/driver", failure).filename();
  return driver == "virtio_blk" || driver == "vbd";
}

std::optional<bool> look(dev_t device, const std::string& sys, int layer) {
  if (layer > layers_max)
    return std::nullopt;
  const auto place = sys + "/dev/block/" + text_of(device);
  if (const auto file = first_line(place + "/loop/backing_file");
      !file.empty()) {
    const auto below = device_below(file);
    return below ? look(*below, sys, layer + 1) : std::nullopt;
  }
  std::error_code failure;
  bool has_parts = false;
  bool is_whole = true;
  for (const auto& part : fs::directory_iterator{place + "/slaves", failure}) {
    has_parts = true;
    const auto number = read_device(first_line(part.path() / "dev"));
    const auto turns = number ? look(*number, sys, layer + 1) : std::nullopt;
    if (turns && *turns)
      return true;
    is_whole = is_whole && turns;
  }
  if (has_parts)
    return is_whole ? std::optional{false} : std::nullopt;
  // A partition's word is in the folder of its disk, which is above it.
  for (const auto* disk : {"", "/.."})
    if (const auto word = first_line(place + disk + "/queue/rotational");
        word == "0" || (word == "1" && !is_virtual(place + disk)))
      return word == "1";
  return std::nullopt;
}

} // namespace

std::optional<bool> is_rotating(dev_t device, const std::string& sys) {
  return look(device, sys, 0);
}

std::optional<dev_t> device_below(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0)
    return std::nullopt;
  if (major(facts.st_dev) != 0)
    return facts.st_dev;
  // File systems with numbers of their own, such as btrfs.
  std::error_code failure;
  const auto source = source_of(fs::canonical(path, failure));
  if (failure || !source.starts_with("/dev/")
      || ::stat(source.c_str(), &facts) != 0 || !S_ISBLK(facts.st_mode))
    return std::nullopt;
  return facts.st_rdev;
}

disk_finding find_disk_kind(const std::string& path, const std::string& wish) {
  if (wish == "hdd" || wish == "ssd")
    return {.kind = wish == "hdd" ? disk_type::hdd : disk_type::ssd,
            .reason = "by volumes.disk"};
  const auto device = device_below(path);
  if (!device)
    return {.reason = "no disk is known below " + path};
  const auto turns = is_rotating(*device);
  if (!turns)
    return {.reason = "the kernel does not say whether disk " + text_of(*device)
                      + " turns"};
  return {.kind = *turns ? disk_type::hdd : disk_type::ssd,
          .reason = "the kernel says that disk " + text_of(*device)
                    + (*turns ? " turns" : " does not turn")};
}

} // namespace provision
