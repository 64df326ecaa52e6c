#include "logging/log_level.hpp"

#include "logging/line.hpp"

namespace provision::log {

std::optional<level> level_named(std::string_view name) noexcept {
  for (auto one :
       {level::debug, level::info, level::warning, level::error, level::off})
    if (to_string(one) == name)
      return one;
  return std::nullopt;
}

} // namespace provision::log
