#pragma once

#include <string>

#include "messages/error.hpp"

namespace provision::shim {

/// Removes a file, or a folder with everything below it; absent is a success.
/// Follows no symbolic link and reaches into nothing that is mounted below, and
/// needs a few open files and no long path however deep the folders are,
/// because strangers may have made them.
error remove_tree(const std::string& path);

} // namespace provision::shim
