#pragma once

#include <vector>

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// A part of the node that serves workloads: it adds its types, or the reason
/// to refuse them with, and leaves at the site what others build on. Daemon and
/// workers are made of the same ones.
struct workload_part {
  error (*add)(engine_options&, node_summary&, workload_site&,
               const config::node_config&, const node_paths&)
    = nullptr;
  std::vector<reservation_type> types = {};
  /// Types whose parts have to be there before.
  std::vector<reservation_type> builds_on = {};
};

/// All of them, each behind those that it builds on.
const std::vector<workload_part>& workload_parts();

/// What serves `type` and what that builds on, in that order; empty for a type
/// that no part serves.
std::vector<workload_part> parts_for(const reservation_type& type);

} // namespace provision
