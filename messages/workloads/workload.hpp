#pragma once

#include <variant>

#include "messages/workloads/container.hpp"
#include "messages/workloads/debug.hpp"
#include "messages/workloads/kubernetes.hpp"
#include "messages/workloads/network_resource.hpp"
#include "messages/workloads/public_ip.hpp"
#include "messages/workloads/volume.hpp"
#include "messages/workloads/zdb.hpp"

namespace provision::workloads {

/// A reservation's arguments in the node's form, one schema per type.
/// network_resource also stands for the older type network.
using workload = std::variant<std::monostate, volume, zdb, container,
                              kubernetes, network_resource, public_ip, debug>;

} // namespace provision::workloads
