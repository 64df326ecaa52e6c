#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"
#include "messages/json/json.hpp"
#include "messages/reservation_type.hpp"
#include "messages/workloads/gateway.hpp"

namespace provision::json {

/// A gateway type's `data`; errc::malformed_input names the field that does not
/// fit, errc::unknown_workload_type another type.
expected<workloads::gateway> read_gateway(const reservation_type& type,
                                          std::string_view data,
                                          const limits& bounds = {});

/// Compact, as the original's gateway program writes it.
std::string write(const workloads::gateway& what);

} // namespace provision::json
