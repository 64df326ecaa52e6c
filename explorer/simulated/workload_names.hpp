#pragma once

#include <string_view>

#include "messages/documents/document.hpp"

namespace provision::simulated {

/// "volume", "zdb", ...; "unknown" for numbers without a name.
std::string_view type_name(const documents::workload& w) noexcept;

/// The original's words: "deploy", "delete", ...; "unknown" for others.
std::string_view action_name(documents::next_action action) noexcept;

} // namespace provision::simulated
