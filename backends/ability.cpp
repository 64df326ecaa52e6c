#include "backends/ability.hpp"

namespace provision {

std::string_view to_string(ability::level state) noexcept {
  switch (state) {
  case ability::level::ok:
    return "ok";
  case ability::level::degraded:
    return "degraded";
  case ability::level::missing:
    break;
  }
  return "missing";
}

} // namespace provision
