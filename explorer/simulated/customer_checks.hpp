#pragma once

#include <string>
#include <string_view>

#include "explorer/simulated/explorer_state.hpp"

namespace provision::simulated {

/// What a customer's signature may be made over.
enum class signature_form {
  /// The SHA-256 of the challenge.
  hashed,
  /// Also the challenge as it is, as the original's Go client signs.
  any,
};

/// Checks 3 to 12 of a new workload, in the original's order. The refusal has
/// the status in error::detail. `caller` is the verified key id; empty if
/// signatures are not verified.
error check_new(const explorer_state& state, const documents::workload& w,
                const std::string& caller, signature_form form);

/// Checks 13 and 14: the pool is there, the customer's and for this node.
error check_pool(const explorer_state& state, const documents::workload& w);

} // namespace provision::simulated
