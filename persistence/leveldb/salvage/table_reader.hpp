#pragma once

#include <string>

#include "persistence/leveldb/salvage/row.hpp"

namespace provision::salvage {

/// Reads all rows of a table (an .ldb file) whose bytes may be damaged. A wrong
/// byte in a block is put right with the block's checksum; what is damaged more
/// is read as far as it can be parsed.
void read_table(std::string file, const findings& found);

} // namespace provision::salvage
