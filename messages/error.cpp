#include "messages/error.hpp"

#include <array>
#include <cstddef>

namespace provision {

namespace {

constexpr std::array<std::string_view, 35> names{
  "none",
  "malformed_input",
  "input_too_large",
  "invalid_reservation",
  "unknown_workload_type",
  "bad_signature",
  "unknown_user",
  "wrong_node",
  "expired",
  "no_capacity",
  "type_not_offered",
  "type_degraded",
  "provision_failed",
  "decommission_failed",
  "deadline_exceeded",
  "provisioner_crashed",
  "no_such_reservation",
  "already_exists",
  "storage_failure",
  "storage_corrupt",
  "storage_locked",
  "storage_foreign",
  "storage_too_new",
  "disk_full",
  "identity_unusable",
  "explorer_unreachable",
  "explorer_failed",
  "explorer_refused",
  "invalid_configuration",
  "end_of_stream",
  "shutting_down",
  "backend_failure",
  "host_busy",
  "host_unavailable",
  "clock_untrusted",
};

static_assert(names.size()
                == static_cast<std::size_t>(errc::clock_untrusted) + 1,
              "every code has a name");
static_assert(!names.back().empty(), "no name is missing");

} // namespace

std::string_view to_string(errc code) noexcept {
  auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names[index] : "unknown";
}

error_kind kind_of(errc code) noexcept {
  switch (code) {
  case errc::host_busy:
  case errc::explorer_unreachable:
  case errc::explorer_failed:
    return error_kind::transient;
  case errc::host_unavailable:
  case errc::storage_failure:
  case errc::disk_full:
    return error_kind::infrastructure;
  default:
    return error_kind::permanent;
  }
}

std::string_view to_string(error_kind kind) noexcept {
  switch (kind) {
  case error_kind::permanent:
    return "permanent";
  case error_kind::transient:
    return "transient";
  case error_kind::infrastructure:
    return "infrastructure";
  }
  return "unknown";
}

std::string to_string(const error& what) {
  std::string text{to_string(what.code)};
  if (!what.message.empty())
    text.append(": ").append(what.message);
  if (what.detail != 0)
    text.append(" (").append(std::to_string(what.detail)).append(")");
  return text;
}

} // namespace provision
