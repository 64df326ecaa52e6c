#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/resp_client.hpp"
#include "backends/zdb_backend.hpp"
#include "identity/secret.hpp"

namespace provision {

/// What a 0-db server says of a namespace.
struct zdb_namespace {
  std::uint64_t size_bytes = 0;
  std::uint64_t used_bytes = 0;
  bool is_public = false;
  bool has_password = false;
};

/// The longest password that a server takes.
inline constexpr std::size_t zdb_password_bytes_max = 63;

/// A conversation with a 0-db server as its admin, over its unix socket.
/// Blocks, each call for the given patience at most. One thread at a time.
class zdb_admin {
public:
  /// Connects, proves to be the admin, and hears the server answer.
  /// errc::already_exists: its admin has another secret, so it is not ours.
  static expected<zdb_admin> connect(const std::string& socket_path,
                                     const secret& admin,
                                     std::chrono::milliseconds patience);

  /// Nothing if there is none.
  expected<std::optional<zdb_namespace>> find(std::string_view name);

  /// All of them, the server's own "default" too.
  expected<std::vector<std::string>> names();

  /// All settings go out with the order to make it, so the server has carried
  /// them out before it turns to anybody who knows the name.
  error create(const zdb_order& order);

  /// Changes one that is there, as far as it differs. What its password is
  /// cannot be asked, so one that is wanted is always set.
  error settle(const zdb_order& order, const zdb_namespace& now);

  /// Absent is a success.
  error remove(std::string_view name);

private:
  explicit zdb_admin(resp_client client) : client_{std::move(client)} {}

  error carry_out(const std::vector<resp_command>& commands);

  resp_client client_;
};

} // namespace provision
