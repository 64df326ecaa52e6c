#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace provision {

/// What a host can do for one kind of workload, found out by trying.
struct ability {
  enum class level : std::uint8_t {
    /// Not at all; `reason` says why.
    missing,
    /// It works, but not as well as it could; `reason` says what is lacking.
    degraded,
    ok,
  };

  level state = level::missing;
  /// How it is done: "btrfs", "kernel WireGuard"; empty if missing.
  std::string technique = {};
  /// What stands in the way of (more of) it.
  std::string reason = {};
  /// What to install or to switch on; empty if nothing helps.
  std::string remedy = {};

  bool operator==(const ability&) const = default;
};

/// "ok", "degraded", "missing".
std::string_view to_string(ability::level state) noexcept;

} // namespace provision
