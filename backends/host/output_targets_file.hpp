#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/output_target.hpp"

namespace provision {

/// Where a workload's output goes, as lines of text (shim/lines.hpp). Holds
/// passwords.
secret write_targets(const std::vector<output_target>& targets);

/// errc::storage_corrupt for anything that write_targets() did not make.
expected<std::vector<output_target>> read_targets(std::string_view text);

} // namespace provision
