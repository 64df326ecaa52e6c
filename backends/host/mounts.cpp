#include "backends/host/mounts.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

namespace provision {

namespace {

/// The mount table writes space, tab, newline and backslash as \ooo.
std::string unescape(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 3 >= text.size()) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(
      (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return result;
}

mount_entry parse_line(const std::string& line) {
  std::istringstream words{line};
  std::string word;
  std::string point;
  std::string options;
  words >> word >> word >> word >> word >> point >> options;
  while (words >> word && word != "-") {
  }
  mount_entry result;
  std::string super_options;
  words >> result.type >> result.source >> super_options;
  result.point = unescape(point);
  result.source = unescape(result.source);
  // A file system that met an error turns read-only as a whole.
  result.read_only = options.starts_with("ro") || super_options == "ro"
                     || super_options.starts_with("ro,");
  return result;
}

struct attached_loop {
  file_descriptor device;
  std::string path;
};

expected<attached_loop> configure_free_loop(int control, int image) {
  const auto number = ::ioctl(control, LOOP_CTL_GET_FREE);
  if (number < 0)
    return fail(last_system_error("find a free loop device"));
  attached_loop result;
  result.path = "/dev/loop" + std::to_string(number);
  result.device
    = file_descriptor{::open(result.path.c_str(), O_RDWR | O_CLOEXEC)};
  if (!result.device)
    return fail(last_system_error("open " + result.path));
  loop_config settings = {};
  settings.fd = static_cast<__u32>(image);
  settings.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
  if (::ioctl(result.device.number(), LOOP_CONFIGURE, &settings) != 0)
    return fail(last_system_error("attach " + result.path));
  return result;
}

expected<attached_loop> attach_new(const std::string& image) {
  const file_descriptor control{
    ::open("/dev/loop-control", O_RDWR | O_CLOEXEC)};
  if (!control)
    return fail(last_system_error("open /dev/loop-control"));
  const file_descriptor file{
    ::open(image.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
  if (!file)
    return fail(last_system_error("open " + image));
  // Another process may take the free device first.
  constexpr int attempts_max = 64;
  for (int attempt = 1;; ++attempt) {
    auto loop = configure_free_loop(control.number(), file.number());
    if (loop || loop.error().detail != EBUSY || attempt == attempts_max)
      return loop;
  }
}

/// The device that has the image already, or a new one. Another mount namespace
/// may keep an unmounted image in use; mounting the same device again gives the
/// same file system, while a second device would destroy it.
expected<attached_loop> attach(const std::string& image) {
  const auto loops = loops_of(image);
  if (!loops)
    return fail(loops.error());
  if (loops->empty())
    return attach_new(image);
  if (loops->size() > 1)
    return fail(errc::host_busy, image + " is in use through " + loops->front()
                                   + " and " + loops->back()
                                   + ": unmount one of them");
  attached_loop result;
  result.path = loops->front();
  result.device
    = file_descriptor{::open(result.path.c_str(), O_RDWR | O_CLOEXEC)};
  if (!result.device)
    return fail(last_system_error("open " + result.path));
  // Its last user may have left before it was opened here.
  const auto still = loops_of(image);
  if (still && still->empty())
    return attach_new(image);
  return result;
}

} // namespace

expected<std::vector<mount_entry>> mounts() {
  auto table = read_whole("/proc/self/mountinfo");
  if (!table)
    return fail(table.error());
  std::vector<mount_entry> result;
  std::istringstream lines{*table};
  for (std::string line; std::getline(lines, line);)
    result.push_back(parse_line(line));
  return result;
}

expected<std::vector<mount_entry>> mounts_at(const std::string& path) {
  auto all = mounts();
  if (all)
    std::erase_if(*all, [&](const auto& m) { return m.point != path; });
  return all;
}

error mount_image(const std::string& image, const std::string& point,
                  const std::string& type) {
  auto loop = attach(image);
  if (!loop)
    return loop.error();
  const file_descriptor target{
    ::open(point.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!target)
    return last_system_error("open folder " + point);
  const auto place = "/proc/self/fd/" + std::to_string(target.number());
  if (::mount(loop->path.c_str(), place.c_str(), type.c_str(),
              MS_NOATIME | MS_NODEV | MS_NOSUID, nullptr)
      != 0)
    return last_system_error("mount " + image + " on " + point);
  return {};
}

error unmount(const std::string& path) {
  auto here = mounts_at(path);
  if (!here)
    return here.error();
  for (std::size_t i = 0; i < here->size(); ++i)
    if (::umount2(path.c_str(), UMOUNT_NOFOLLOW) != 0)
      return last_system_error("unmount " + path);
  return {};
}

expected<std::vector<std::string>> loops_of(const std::string& image) {
  std::vector<std::string> result;
  std::error_code code;
  for (const auto& block :
       std::filesystem::directory_iterator{"/sys/block", code}) {
    const auto name = block.path().filename().string();
    if (!name.starts_with("loop"))
      continue;
    // A loop device without a file has no such entry; one that vanishes
    // meanwhile is gone, too.
    const auto file = read_whole(block.path().string() + "/loop/backing_file");
    if (file && *file == image + '\n')
      result.push_back("/dev/" + name);
  }
  if (code)
    return fail(system_error("list /sys/block", code.value()));
  return result;
}

error detach_loops(const std::string& image) {
  auto loops = loops_of(image);
  if (!loops)
    return loops.error();
  for (const auto& path : *loops) {
    const file_descriptor device{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (device && ::ioctl(device.number(), LOOP_CLR_FD) != 0 && errno != ENXIO)
      return last_system_error("detach " + path);
  }
  loops = loops_of(image);
  if (!loops)
    return loops.error();
  if (!loops->empty())
    return {errc::host_busy, image + " is still in use through "
                               + loops->front()
                               + ", perhaps in another mount namespace"};
  return {};
}

error refresh_loop_size(const std::string& path) {
  const file_descriptor device{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (!device || ::ioctl(device.number(), LOOP_SET_CAPACITY) != 0)
    return last_system_error("resize " + path);
  return {};
}

} // namespace provision
