#pragma once

#include <string>

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"
#include "identity/node_key.hpp"

namespace provision {

/// Networks, if this host can make them; else the reason to refuse them with.
/// `folder`: where they are noted; `key` opens their private keys.
error add_networks(engine_options& options, node_summary& summary,
                   workload_site& site,
                   const config::network_settings& settings,
                   const std::string& folder, const node_key& key);

} // namespace provision
