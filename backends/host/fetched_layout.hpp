#pragma once

#include "backends/host/folder.hpp"

namespace provision {

/// Moves the OCI layout `name` from a folder that a stranger could write to
/// into `to`, a folder of this process alone on the same file system, where it
/// is not there yet. What is moved are plain files that bear the names of a
/// layout's and that nobody else can reach or write any more; whatever else
/// there is stays behind. Nothing is opened that is not such a file.
/// errc::invalid_reservation names what is of another kind.
error take_layout(const folder& from, const std::string& name,
                  const folder& to);

} // namespace provision
