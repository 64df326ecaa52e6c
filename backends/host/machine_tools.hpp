#pragma once

#include <string>

#include "backends/ability.hpp"
#include "backends/host/control_groups.hpp"

namespace provision {

/// Programs that machines need, and how QEMU works here.
struct machine_tools {
  std::string qemu = {};
  std::string qemu_img = {};
  std::string genisoimage = {};
  /// Takes all of root's powers from QEMU before it starts.
  std::string setpriv = {};
  std::string shim = {};
  /// "kvm", or "tcg": processors in software.
  std::string accelerator = {};
};

/// What this host can do for machines, and with what.
struct machine_ability {
  provision::ability ability = {};
  machine_tools tools = {};
  control_groups groups = {};
};

/// Finds out by starting a machine that switches itself off, in a scratch
/// folder below `folder`. KVM is used only if such a machine ends with it: that
/// /dev/kvm opens tells nothing. Takes some tenths of a second, ten seconds for
/// each accelerator that hangs, and leaves nothing behind.
machine_ability probe_machines(const std::string& folder);

} // namespace provision
