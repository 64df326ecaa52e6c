#pragma once

#include <string>
#include <vector>

#include "backends/ability.hpp"
#include "backends/host/ipv6_gateway_plan.hpp"
#include "backends/host/public_bridge.hpp"
#include "config/node_config.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

struct type_ability {
  reservation_type type = {};
  provision::ability ability = {};
};

/// What this host can do for every type there is, in their order of work;
/// found out by trying. Blocks for a second or so and leaves nothing behind.
/// `folder`: an existing folder on the disk where volumes are to be;
/// `image_folder`: of the image that machines boot, empty if there is none;
/// `open`: where the public network is; `ipv6`: where the way into the IPv6
/// internet is, which has the same namespace.
std::vector<type_ability>
probe_host(const std::string& folder, const std::string& image_folder = {},
           const config::zdb_settings& zdb = {}, const public_place& open = {},
           const config::gateway_settings& gateway = {},
           const ipv6_gateway_terms& ipv6 = {});

} // namespace provision
