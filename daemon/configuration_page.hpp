#pragma once

#include <string>

namespace provision {

/// The manual page provisiond.toml(5), made from the table of keys: every key
/// with its unit, what is allowed, its default and when a change is taken over.
/// `version` is the program's.
std::string configuration_page(const std::string& version);

} // namespace provision
