#pragma once

#include <caf/error.hpp>

#include "messages/error.hpp"

namespace provision {

/// Our error as CAF carries it: code, category "provision", message, detail.
caf::error to_caf(const error& what);

/// Whether it was made by to_caf.
bool is_ours(const caf::error& what) noexcept;

/// Back again. CAF's own errors become provisioner_crashed (a peer died),
/// deadline_exceeded (a request timed out) or shutting_down.
error from_caf(const caf::error& what);

} // namespace provision
