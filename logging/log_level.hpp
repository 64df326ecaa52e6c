#pragma once

#include <optional>
#include <string_view>

#include "logging/log.hpp"

/// Changing how much is written while lines are written.
namespace provision::log {

/// Lines of this severity and above are written.
level lowest_level() noexcept;

/// From the next line on; the form stays. Thread-safe.
void set_lowest_level(level lowest) noexcept;

/// The level that to_string() (line.hpp) calls so.
std::optional<level> level_named(std::string_view name) noexcept;

} // namespace provision::log
