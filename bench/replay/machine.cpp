#include "bench/replay/machine.hpp"

#include <sys/utsname.h>
#include <sys/vfs.h>

#include <fstream>

#include "bench/replay/cpu_time.hpp"
#include "messages/json/json.hpp"
#include "messages/timestamp.hpp"
#include "provision_commit.hpp"

namespace provision::bench {

namespace {

std::string processor_name() {
  std::ifstream file{"/proc/cpuinfo"};
  std::string line;
  while (std::getline(file, line))
    if (line.starts_with("model name"))
      return line.substr(line.find(':') + 2);
  return "unknown processor";
}

std::string system_name() {
  utsname name{};
  if (::uname(&name) != 0)
    return "unknown";
  return std::string{name.sysname} + " " + name.release;
}

/// Magic numbers of statfs(2).
std::string disk_name(const std::string& folder) {
  struct statfs found {};
  if (::statfs(folder.c_str(), &found) != 0)
    return "unknown";
  switch (static_cast<unsigned long>(found.f_type)) {
  case 0xEF53:
    return "ext4";
  case 0x9123683E:
    return "btrfs";
  case 0x58465342:
    return "xfs";
  case 0x01021994:
    return "tmpfs";
  case 0x794C7630:
    return "overlayfs";
  default:
    return "another file system";
  }
}

} // namespace

machine describe_machine(const std::string& folder) {
  return {.processor = processor_name(),
          .cores = usable_cores(),
          .system = system_name(),
          .disk = disk_name(folder),
          .version = PROVISION_VERSION,
          .commit = PROVISION_COMMIT,
          .build = PROVISION_BUILD_TYPE,
          .at = json::format_rfc3339(from_unix(system_clock{}.now().seconds))};
}

} // namespace provision::bench
