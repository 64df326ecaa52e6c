#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backends/held_object.hpp"
#include "backends/presence.hpp"
#include "identity/secret.hpp"
#include "messages/error.hpp"
#include "messages/reservation_type.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// What comes in for a domain is passed on.
struct proxied_domain {
  std::string domain = {};
  workloads::ip_address address = {};
  /// Of HTTP and of TLS; 0: not passed on.
  std::uint16_t port = 0;
  std::uint16_t tls_port = 0;

  bool operator==(const proxied_domain&) const = default;
};

/// What comes in for a domain is carried to a client that dials in and says a
/// secret.
struct tunnelled_domain {
  std::string domain = {};
  /// secret_digest() of it.
  std::string digest = {};

  bool operator==(const tunnelled_domain&) const = default;
};

/// By which a client's secret is known again, hex; nobody has to keep it.
std::string secret_digest(const secret& said);

/// A name with addresses, in a domain whose zone the gateway keeps.
struct named_addresses {
  std::string domain = {};
  std::vector<workloads::ip_address> addresses = {};

  bool operator==(const named_addresses&) const = default;
};

/// A domain whose zone the gateway keeps for its owner.
struct delegated_domain {
  std::string domain = {};

  bool operator==(const delegated_domain&) const = default;
};

using gateway_wish = std::variant<proxied_domain, tunnelled_domain,
                                  named_addresses, delegated_domain>;

/// What a reservation asks of the gateway. All domains are as parse_domain()
/// yields them.
struct gateway_order {
  std::string id = {};
  /// Decimal. Two users never have one domain.
  std::string user_id = {};
  gateway_wish what = {};
};

struct gateway_facts {
  presence state = presence::absent;
  /// Why the state is neither absent nor present.
  std::string reason = {};
};

/// The node as a gateway between the public network and its users: proxies and
/// DNS zones. What it serves outlives the daemon. Blocks; each call may take
/// seconds. Thread-safe. Keeps the contract of backends/presence.hpp.
class gateway_backend {
public:
  virtual ~gateway_backend() = default;

  virtual gateway_facts inspect(std::string_view id) = 0;

  /// Returns once it is served. errc::invalid_reservation names the field that
  /// cannot be served, or whose the domain is.
  virtual error ensure(const gateway_order& order) = 0;

  virtual error destroy(std::string_view id) = 0;

  /// All of this type that is here: proxy, reverse_proxy, subdomain or
  /// domain_delegate.
  virtual expected<std::vector<held_object>> list(const reservation_type& type)
    = 0;
};

} // namespace provision
