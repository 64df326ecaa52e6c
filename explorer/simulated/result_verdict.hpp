#pragma once

#include <string_view>

#include "messages/documents/document.hpp"

namespace provision::simulated {

/// Whether a node's signature under a result is right.
enum class result_verdict { no_result, unsigned_result, valid, invalid };

/// "", "unsigned", "valid", "invalid".
std::string_view to_string(result_verdict verdict) noexcept;

/// Checks the stored result of `w` with the key that its node id is. After a
/// deletion the explorer has overwritten the state that was signed; then any
/// state that the node can have signed will do.
result_verdict verdict_on(const documents::workload& w);

} // namespace provision::simulated
