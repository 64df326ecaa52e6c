#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/file_descriptor.hpp"
#include "backends/host/machine_command.hpp"
#include "backends/host/machine_tools.hpp"
#include "backends/host/supervised_processes.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

constexpr std::chrono::milliseconds boot_patience{10000};

/// A boot sector that switches the machine off: writes "soft off" into the
/// register of the q35's power management, then halts. One that is not carried
/// out never ends its QEMU.
std::string switch_off_disk() {
  constexpr std::array<unsigned char, 10> code{
    0xba, 0x04, 0x06, // mov dx, 0x604
    0xb8, 0x00, 0x20, // mov ax, 0x2000
    0xef,             // out dx, ax
    0xf4,             // hlt
    0xeb, 0xfd};      // jmp to the halt
  // The firmware boots from nothing smaller.
  std::string disk(1U << 20U, '\0');
  std::ranges::copy(code, disk.begin());
  disk[510] = '\x55';
  disk[511] = '\xaa';
  return disk;
}

/// Gone with its owner.
struct scratch_disk {
  explicit scratch_disk(const std::string& folder)
    : path{folder + "/probe-XXXXXX"} {
    const file_descriptor file{::mkostemp(path.data(), O_CLOEXEC)};
    const auto disk = switch_off_disk();
    if (!file
        || ::write(file.number(), disk.data(), disk.size())
             != static_cast<ssize_t>(disk.size()))
      failed = last_system_error("write a disk in " + folder);
  }
  ~scratch_disk() { ::unlink(path.c_str()); }
  scratch_disk(const scratch_disk&) = delete;
  scratch_disk& operator=(const scratch_disk&) = delete;

  std::string path;
  error failed;
};

error boot(machine_tools tools, const std::string& accelerator,
           const std::string& disk) {
  tools.accelerator = accelerator;
  auto words = confined_qemu(tools);
  const auto program = words.front();
  words.erase(words.begin());
  for (const auto& word :
       {std::string{"-m"}, std::string{"64M"}, std::string{"-drive"},
        "file=" + disk + ",format=raw,if=none,id=boot", std::string{"-device"},
        std::string{"virtio-blk-pci,drive=boot"}})
    words.push_back(word);
  const auto ended = run({.program = program,
                          .arguments = std::move(words),
                          .deadline = boot_patience});
  return ended ? error{} : ended.error();
}

bool has_virtualisation() {
  const auto facts = read_whole("/proc/cpuinfo");
  if (!facts)
    return false;
  const auto at = facts->find("\nflags");
  if (at == std::string::npos)
    return false;
  const auto flags
    = facts->substr(at + 1, facts->find('\n', at + 1) - at - 1) + ' ';
  return flags.find(" vmx ") != std::string::npos
         || flags.find(" svm ") != std::string::npos;
}

/// Why KVM does not run machines here; empty if it does.
std::string obstacle_to_kvm(const machine_tools& tools,
                            const std::string& disk) {
  if (!has_virtualisation())
    return "the processor shows neither vmx nor svm";
  if (::access("/dev/kvm", R_OK | W_OK) != 0)
    return "/dev/kvm cannot be opened";
  const auto failed = boot(tools, "kvm", disk);
  return failed ? "a machine for trial does not end with KVM: " + failed.message
                : std::string{};
}

ability missing(std::string reason, std::string remedy) {
  return {.state = ability::level::missing,
          .reason = std::move(reason),
          .remedy = std::move(remedy)};
}

ability find_tools(machine_tools& tools) {
  if (auto lacks
      = find_programs({{tools.qemu, "qemu-system-x86_64", "qemu-system-x86"},
                       {tools.qemu_img, "qemu-img", "qemu-utils"},
                       {tools.genisoimage, "genisoimage", "genisoimage"},
                       {tools.setpriv, "setpriv", "util-linux"}}))
    return missing(lacks->reason, lacks->remedy);
  auto shim = find_shim();
  if (!shim)
    return missing(shim.error().message, "install provisiond as a whole");
  tools.shim = *shim;
  return {.state = ability::level::ok};
}

ability find_groups(control_groups& groups) {
  auto found = control_groups::find();
  if (!found)
    return missing(found.error().message, "mount cgroup2 on /sys/fs/cgroup");
  groups = std::move(*found);
  if (const auto lacking = groups.lacking(); !lacking.empty())
    return missing("no control group limits " + lacking,
                   "boot a kernel with these control groups");
  return {.state = ability::level::ok};
}

ability try_machine(machine_tools& tools, const std::string& folder) {
  if (::geteuid() != 0)
    return missing("needs root for control groups and networks", "run as root");
  const scratch_disk disk{folder};
  if (disk.failed)
    return missing(disk.failed.message, "make it writable");
  const auto why_not_kvm = obstacle_to_kvm(tools, disk.path);
  if (why_not_kvm.empty()) {
    tools.accelerator = "kvm";
    return {.state = ability::level::ok, .technique = "QEMU with KVM"};
  }
  if (const auto failed = boot(tools, "tcg", disk.path))
    return missing("a machine for trial does not end: " + failed.message,
                   "as a service, its drop-in machines.conf");
  tools.accelerator = "tcg";
  return {.state = ability::level::degraded,
          .technique = "QEMU, processors in software",
          .reason = why_not_kvm,
          .remedy = "a host whose processor virtualises"};
}

} // namespace

machine_ability probe_machines(const std::string& folder) {
  machine_ability found;
  found.ability = find_tools(found.tools);
  if (found.ability.state != ability::level::missing)
    found.ability = find_groups(found.groups);
  if (found.ability.state != ability::level::missing)
    found.ability = try_machine(found.tools, folder);
  return found;
}

} // namespace provision
