#include "backends/host/machine_command.hpp"

#include "backends/host/without_powers.hpp"
#include "backends/network_backend.hpp"
#include "backends/public_ip_backend.hpp"

namespace provision {

namespace {

/// A comma separates QEMU's options; a doubled one is itself.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char byte : text)
    result += byte == ',' ? ",," : std::string{byte};
  return result;
}

void add(std::vector<std::string>& words, std::vector<std::string> more) {
  words.insert(words.end(), more.begin(), more.end());
}

/// A disk whose file is locked, so that no second QEMU can spoil it.
void add_disk(std::vector<std::string>& words, const std::string& name,
              const std::string& path) {
  add(words, {"-blockdev",
              "driver=file,node-name=" + name
                + "-file,filename=" + escaped(path) + ",locking=on",
              "-blockdev",
              "driver=qcow2,node-name=" + name + ",file=" + name + "-file",
              "-device", "virtio-blk-pci,drive=" + name + ",serial=" + name});
}

void add_fixed_disk(std::vector<std::string>& words, const std::string& name,
                    const std::string& path) {
  add(words,
      {"-blockdev",
       "driver=file,node-name=" + name + "-file,filename=" + escaped(path)
         + ",read-only=on",
       "-blockdev",
       "driver=raw,node-name=" + name + ",file=" + name + "-file,read-only=on",
       "-device", "virtio-blk-pci,drive=" + name + ",serial=" + name});
}

void add_network(std::vector<std::string>& words, const std::string& name,
                 const std::string& tap, const std::string& hardware_address) {
  add(words, {"-netdev",
              "tap,id=" + name + ",ifname=" + tap + ",script=no,downscript=no",
              "-device",
              "virtio-net-pci,netdev=" + name + ",mac=" + hardware_address});
}

} // namespace

std::vector<std::string> confined_qemu(const machine_tools& tools) {
  const bool is_kvm = tools.accelerator == "kvm";
  auto words = without_powers(tools.setpriv);
  add(words,
      {tools.qemu, "-machine", "q35", "-accel",
       // Unbounded, translated code alone can take a gigabyte.
       is_kvm ? "kvm" : "tcg,tb-size=128", "-cpu", is_kvm ? "host" : "max",
       "-nodefaults", "-no-user-config", "-display", "none", "-sandbox",
       "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
       "resourcecontrol=deny"});
  return words;
}

std::vector<std::string> qemu_command(const machine_tools& tools,
                                      const machine_plan& plan) {
  auto words = confined_qemu(tools);
  add(words,
      {"-name", plan.id, "-uuid", plan.who.uuid, "-smp",
       std::to_string(plan.cpus), "-m",
       std::to_string(plan.memory_bytes >> 20U) + "M", "-kernel", plan.kernel});
  if (!plan.initrd.empty())
    add(words, {"-initrd", plan.initrd});
  if (!plan.kernel_arguments.empty())
    add(words, {"-append", plan.kernel_arguments});
  add(words, {"-chardev", "stdio,id=console,signal=off", "-serial",
              "chardev:console", "-chardev",
              "socket,id=control,path=" + escaped(plan.control_socket)
                + ",server=on,wait=off",
              "-mon", "chardev=control,mode=control"});
  add_disk(words, "root", plan.disk);
  add_fixed_disk(words, "seed", plan.seed);
  add_network(words, "net", machine_tap, plan.who.hardware_address);
  if (!plan.public_hardware_address.empty())
    add_network(words, "public", public_tap, plan.public_hardware_address);
  add(words, {"-object", "rng-random,id=random,filename=/dev/urandom",
              "-device", "virtio-rng-pci,rng=random"});
  return words;
}

} // namespace provision
