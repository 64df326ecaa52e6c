#pragma once

#include "messages/workloads/address.hpp"

namespace provision::workloads {

/// A public IPv4 address for a virtual machine.
struct public_ip {
  ip_range ip = {};

  bool operator==(const public_ip&) const = default;
};

} // namespace provision::workloads
