#pragma once

#include <memory>
#include <string>

#include "backends/host/ipv6_client_record.hpp"
#include "backends/host/ipv6_router.hpp"
#include "backends/host/process_mutex.hpp"
#include "backends/ipv6_gateway_backend.hpp"
#include "identity/entropy.hpp"

namespace provision {

struct host_ipv6_gateway_options {
  std::string node_id = {};
  /// Folder of the records and of the key; made if it is missing.
  std::string folder = {};
  /// Namespace of the bridge and of the tunnel's packets; empty: this
  /// process's own.
  std::string underlay = {};
  ipv6_gateway_terms terms = {};
  network_tools tools = {};
  /// Where the node's own WireGuard key comes from, once.
  std::shared_ptr<entropy> random = {};
  step_hook before_step = {};
};

/// Tunnels into the IPv6 internet by the host's kernel and the programs ip, nft
/// and wg:
///
///   <folder>/<id>.client   a client's key and address
///            key           the node's own key, mode 0600; it stays, because
///                          clients know it
///
/// One router (ipv6_router) serves all clients; it comes with the first and
/// goes with the last. Ending the back-end leaves everything as it is.
class host_ipv6_gateway_backend final : public ipv6_gateway_backend {
public:
  static expected<std::unique_ptr<host_ipv6_gateway_backend>>
  open(host_ipv6_gateway_options options);

  ipv6_client_facts inspect(std::string_view id) override;
  expected<ipv6_client_terms> ensure(const ipv6_client_order& order) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

  /// Makes the host agree with the records. Yields whether there was anything
  /// to do.
  expected<bool> restore();

  /// Process of wireguard-go; 0 if there is none.
  expected<int> helper() const;
  /// Whether there ought to be one.
  bool needs_helper() const;
  /// Namespace of the bridge.
  const std::string& underlay() const { return options_.underlay; }

private:
  host_ipv6_gateway_backend(host_ipv6_gateway_options options,
                            ipv6_client_records records);

  ipv6_router router() const;
  expected<ipv6_gateway_plan> plan(const ipv6_clients& clients) const;
  error make_key() const;
  expected<secret> own_key() const;
  error converge() const;
  error put(const std::string& id, const ipv6_client_record& record) const;
  error remove(const std::string& id) const;
  error take_back(const std::string& id, const ipv6_clients& before,
                  error failed) const;

  const host_ipv6_gateway_options options_;
  const ipv6_client_records records_;
  process_mutex mutex_{options_.folder + ".lock"};
};

} // namespace provision
