#pragma once

#include <string>

#include "messages/error.hpp"

namespace provision {

/// All bytes of a file. errc::storage_failure with the system's reason, also if
/// it is a folder, or breaks off in the middle.
expected<std::string> whole_file(const std::string& path);

} // namespace provision
