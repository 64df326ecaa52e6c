#pragma once

#include "messages/workloads/address.hpp"

namespace provision {

/// Whether one of this host's interfaces has the address. Reads it anew each
/// time; true as well if that cannot be told.
bool is_address_of_host(const workloads::ip_address& address);

/// Addresses that lead to this host, to nobody, or to everybody.
bool is_reserved(const workloads::ip_address& address);

} // namespace provision
