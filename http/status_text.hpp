#pragma once

#include <string_view>

namespace provision {

/// The reason phrase of an HTTP status: "Not Found"; empty if it has none.
std::string_view status_text(int status) noexcept;

} // namespace provision
