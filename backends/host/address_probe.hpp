#pragma once

#include <chrono>
#include <string>

#include "messages/error.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

struct address_question {
  /// Namespace and interface whose network is asked.
  std::string space = {};
  std::string link = {};
  /// IPv4.
  workloads::ip_address address = {};
  /// How long an answer is waited for after each time of asking.
  std::chrono::milliseconds patience{200};
  int times = 3;
};

/// Asks a network whether anybody has an address, as a machine does before it
/// takes one (ARP probe, RFC 5227): yields the hardware address of who
/// answers, empty if nobody does. Blocks. errc::backend_failure if it cannot
/// be asked.
expected<std::string> who_has(const address_question& question);

} // namespace provision
