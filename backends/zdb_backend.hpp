#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/held_object.hpp"
#include "backends/presence.hpp"
#include "identity/secret.hpp"
#include "messages/error.hpp"
#include "messages/workloads/enums.hpp"

namespace provision {

/// What a reservation asks of a 0-db server: a namespace.
struct zdb_order {
  /// Also the namespace's name.
  std::string id = {};
  std::uint64_t size_bytes = 0;
  workloads::zdb_mode mode = workloads::zdb_mode::seq;
  /// Empty: none.
  secret password = {};
  /// Readable without the password.
  bool is_public = false;
};

/// Where a namespace is served.
struct zdb_place {
  /// Addresses of this node.
  std::vector<std::string> addresses = {};
  std::uint16_t port = 0;
};

struct zdb_facts {
  presence state = presence::absent;
  /// What it may hold, and what it holds.
  std::uint64_t size_bytes = 0;
  std::uint64_t used_bytes = 0;
  bool has_password = false;
  bool is_public = false;
  /// Why the state is neither absent nor present.
  std::string reason = {};
};

/// Namespaces of 0-db servers on this host. The servers outlive the daemon.
/// Blocks for seconds at most. Thread-safe. Keeps the contract of
/// backends/presence.hpp.
class zdb_backend {
public:
  virtual ~zdb_backend() = default;

  virtual zdb_facts inspect(std::string_view id) = 0;

  /// Size, password and publicity of one that is there are changed in place;
  /// what it holds stays. errc::invalid_reservation names what cannot be
  /// served: a size below what is in use, another mode than it was made with.
  virtual expected<zdb_place> ensure(const zdb_order& order) = 0;

  /// What it holds goes, too; the server goes with its last namespace.
  virtual error destroy(std::string_view id) = 0;

  /// The namespaces that servers of this node have on disk or have noted,
  /// whether they run or not. errc::host_unavailable: their disk is missing.
  virtual expected<std::vector<held_object>> list() = 0;
};

} // namespace provision
