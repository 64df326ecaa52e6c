#pragma once

#include <map>
#include <string>

#include "backends/workload_output.hpp"

namespace provision {

/// Reads what shims keep (docs/processes.md). `folders`: for the name of a type
/// that of its supervised processes.
output_reader read_output_files(std::map<std::string, std::string> folders);

} // namespace provision
