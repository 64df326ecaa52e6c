#pragma once

#include <string>

#include "messages/error.hpp"

namespace provision::shim {

/// The whole file, at most 1 MiB of it; empty if it cannot be read.
std::string read_small(const std::string& path);

/// Makes `path` hold `text`: after a crash at any point there is the old file
/// or the new one. Durable when it returns; mode 0600.
error write_durably(const std::string& path, const std::string& text);

/// Writes into a file that is there, such as one of a control group, at once.
error write_into(const std::string& path, const std::string& text);

/// errc::backend_failure "<what>: <text of errno>".
error errno_error(const std::string& what);

} // namespace provision::shim
