#pragma once

#include <optional>
#include <string>

#include "backends/host/machine_identity.hpp"
#include "backends/machine_backend.hpp"
#include "backends/network_backend.hpp"
#include "backends/public_ip_backend.hpp"
#include "identity/secret.hpp"
#include "messages/error.hpp"

namespace provision {

/// What a machine's cloud-init reads at its start, in the form "NoCloud".
struct machine_seed {
  /// Keys and files of the order are in it.
  secret user_data = {};
  std::string meta_data = {};
  /// Of version 2: the network card becomes "eth0", the public one "eth1".
  std::string network_config = {};
};

/// `open`: of its public card, through which it then leaves.
machine_seed make_seed(const machine_order& order, const network_terms& terms,
                       const std::optional<public_terms>& open,
                       const machine_identity& who);

/// Writes it as a disk image of mode 0600 with the label "cidata" into
/// `folder`; `program` is genisoimage.
error write_seed(const machine_seed& seed, const std::string& program,
                 const std::string& folder, const std::string& name);

} // namespace provision
