#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/host/machine_identity.hpp"
#include "backends/host/machine_tools.hpp"

namespace provision {

/// A machine as QEMU is to run it; paths are absolute.
struct machine_plan {
  std::string id = {};
  machine_identity who;
  std::uint64_t cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::string kernel = {};
  /// Empty: none.
  std::string initrd = {};
  std::string kernel_arguments = {};
  /// qcow2; the first disk.
  std::string disk = {};
  /// Raw, read only; the second disk.
  std::string seed = {};
  /// Where QEMU listens for qemu_monitor.
  std::string control_socket = {};
  /// Of its second network card, on public_tap; empty: it has none.
  std::string public_hardware_address = {};
};

/// The whole command line. The console is QEMU's output; it ends when the
/// machine switches itself off; no secret is in it.
std::vector<std::string> qemu_command(const machine_tools& tools,
                                      const machine_plan& plan);

/// What comes before every other argument: setpriv and QEMU without its
/// defaults, its own calls confined.
std::vector<std::string> confined_qemu(const machine_tools& tools);

} // namespace provision
