#pragma once

#include <string>

#include "messages/error.hpp"

namespace provision::bench {

/// Writes the documents of `stream` to `target` as an explorer shows them that
/// has accepted their results: with those that `recording` holds.
error add_results(const std::string& stream, const std::string& recording,
                  const std::string& target);

} // namespace provision::bench
