#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/replay/figures.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// One report as it goes over the wire.
struct put_request {
  std::string id = {};
  std::string body = {};
};

/// What PUTs cost over the node's transport, `in_flight` of them at a time:
/// the wire alone, with headers that were signed once. `wall_us` is the time
/// per request, and so the round trip if they go one by one.
expected<stage_cost> measure_puts(const std::string& url,
                                  const std::string& node_id,
                                  const std::vector<put_request>& requests,
                                  std::size_t in_flight);

} // namespace provision::bench
