#pragma once

#include <string>

#include "persistence/leveldb/salvage/row.hpp"

namespace provision::salvage {

/// Reads all changes in a write-ahead log whose bytes may be damaged, as
/// read_table does. A last change that was cut short never counted.
void read_log(std::string file, const findings& found);

} // namespace provision::salvage
