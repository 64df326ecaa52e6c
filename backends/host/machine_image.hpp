#pragma once

#include <string>

#include "backends/network_backend.hpp"
#include "messages/error.hpp"

namespace provision {

/// What machines boot, a folder of the operator's:
///
///   kernel         for the processor to start with
///   initrd         optional
///   disk           optional: what a new disk holds, qcow2; never changed as
///                  long as a machine uses it
///   command_line   optional: the kernel's arguments, one line, in which
///                  {address}, {netmask}, {gateway} and {hostname} stand for
///                  the machine's own
struct machine_image {
  std::string kernel = {};
  /// Empty: none; so is `disk`.
  std::string initrd = {};
  std::string disk = {};
  std::string command_line = {};
};

/// errc::invalid_configuration says what the folder lacks.
expected<machine_image> open_machine_image(const std::string& folder);

/// The kernel's arguments for one machine; `terms` have an IPv4 address.
std::string kernel_arguments(const machine_image& image,
                             const network_terms& terms,
                             const std::string& hostname);

} // namespace provision
