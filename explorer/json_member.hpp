#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace provision {

/// The text under `key` of the JSON object `body`;
/// nothing if there is no such text.
std::optional<std::string> text_member(std::string_view body,
                                       std::string_view key);

} // namespace provision
