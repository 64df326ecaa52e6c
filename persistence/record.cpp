#include "persistence/record.hpp"

namespace provision {

std::string_view to_string(record_state state) noexcept {
  switch (state) {
  case record_state::accepted:
    return "accepted";
  case record_state::applying:
    return "applying";
  case record_state::provisioned:
    return "provisioned";
  case record_state::failed:
    return "failed";
  case record_state::rejected:
    return "rejected";
  case record_state::removing:
    return "removing";
  }
  return "unknown";
}

std::string_view to_string(removal_cause cause) noexcept {
  switch (cause) {
  case removal_cause::none:
    return "";
  case removal_cause::ordered:
    return "ordered";
  case removal_cause::expired:
    return "expired";
  case removal_cause::beyond_repair:
    return "beyond repair";
  case removal_cause::refused:
    return "refused";
  }
  return "";
}

} // namespace provision
