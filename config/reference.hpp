#pragma once

#include <string>

namespace provision::config {

/// The text of docs/configuration.md: every key with its unit, default, what
/// is allowed and what it is for, as Markdown.
std::string reference();

} // namespace provision::config
