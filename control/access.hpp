#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/node_config.hpp"
#include "http/http_server.hpp"
#include "messages/error.hpp"

namespace provision {

/// What somebody may do at the local API.
enum class api_role : std::uint8_t {
  /// Ask.
  reader,
  /// Ask and order.
  admin,
};

/// Who may talk to this node: root and the daemon's own user as admins, and
/// the members of two groups.
class access_rules {
public:
  /// Looks the configured groups up; errc::invalid_configuration for one that
  /// the host does not have.
  static expected<access_rules> make(const config::api_settings& settings,
                                     std::uint32_t own_user);

  /// Nothing: not at all.
  std::optional<api_role> role_of(const http_peer& peer) const noexcept;

  /// Whether others than root and the own user may come in.
  bool is_shared() const noexcept { return readers_ || admins_; }

private:
  std::uint32_t own_user_ = 0;
  std::optional<std::uint32_t> readers_ = {};
  std::optional<std::uint32_t> admins_ = {};
};

} // namespace provision
