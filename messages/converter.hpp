#pragma once

#include <functional>

#include "messages/documents/document.hpp"
#include "messages/error.hpp"
#include "messages/reservation.hpp"
#include "messages/result.hpp"

namespace provision {

/// Turns a document of the explorer into a reservation of the node.
using reservation_converter_func
  = std::function<expected<reservation>(const documents::workload&)>;

/// Turns a node's result into the explorer's. errc::unknown_workload_type for
/// types that the explorer cannot store (debug).
using result_converter_func
  = std::function<expected<documents::workload_result>(const result&)>;

/// The original's conversion (spec 3.5): narrowing wraps silently, unknown
/// enums are errc::malformed_input. What the original's node leaves out for
/// gateway types, their data, is as its gateway program has it. Duration is the
/// longest there is; the explorer's own reservations end by deletion.
expected<reservation> to_reservation(const documents::workload& w);

/// The original's conversion (spec 4.2). network_resource is reported in
/// category network. node_id stays empty: the explorer fills it.
expected<documents::workload_result> to_document(const result& r);

} // namespace provision
