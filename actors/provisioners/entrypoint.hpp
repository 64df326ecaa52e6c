#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace provision {

/// Splits a container's entrypoint into program and arguments as a shell does:
/// blanks separate, quotes and backslashes keep together; nothing is expanded.
/// errc::invalid_reservation for a quote without an end.
expected<std::vector<std::string>> split_entrypoint(std::string_view line);

} // namespace provision
