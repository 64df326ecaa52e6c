#pragma once

#include <string>

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Adds the types proxy, reverse_proxy, subdomain and domain_delegate, each if
/// this host can and is set up for it; else the reason to refuse it with.
/// `folder`: of the records.
error add_gateways(engine_options& options, node_summary& summary,
                   const workload_site& site,
                   const config::gateway_settings& settings,
                   const std::string& folder);

} // namespace provision
