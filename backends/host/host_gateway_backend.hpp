#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/gateway_backend.hpp"
#include "backends/host/gateway_record.hpp"
#include "backends/host/gateway_rules.hpp"
#include "backends/host/nginx_server.hpp"
#include "backends/host/own_addresses.hpp"
#include "backends/host/process_mutex.hpp"
#include "backends/host/router_server.hpp"
#include "backends/host/zone_folder.hpp"

namespace provision {

struct host_gateway_options {
  std::string node_id = {};
  /// Folder of the node's own records; made if it is missing.
  std::string folder = {};
  gateway_tools tools = {};
  std::optional<control_groups> groups = {};
  std::string http_listen = {};
  std::string tls_listen = {};
  /// Where clients of reverse proxies dial in; empty: they cannot.
  std::string clients_host = {};
  std::uint16_t clients_port = 0;
  /// See router_options.
  std::string door_folder = {};
  /// Folder that a DNS server reads; empty: no zones are kept.
  std::string zone_folder = {};
  std::vector<std::string> zone_reload = {};
  std::vector<std::string> name_servers = {};
  std::vector<std::string> domains = {};
  /// Whether this host has an address: nothing is passed on to itself.
  std::function<bool(const workloads::ip_address&)> is_own = {};
  /// Seconds since 1970.
  std::function<std::uint32_t()> now = {};
  std::chrono::milliseconds patience{10000};
  std::chrono::milliseconds restart_delay{2000};
  step_hook before_step = {};
};

/// A gateway of nginx, provisiond-router and zone files:
///
///   <folder>/records/<id>.gateway   what each reservation has
///            processes/nginx/       nginx and what it runs by
///                      router/      provisiond-router and what it runs by
///            untold                 the DNS server has yet to be told
///
/// The records are the truth; nginx's configuration and the zones are made of
/// all of them together, tried, and put in force at once. What one of them asks
/// for and the host refuses is taken out again before the others notice.
class host_gateway_backend final : public gateway_backend {
public:
  static expected<std::unique_ptr<host_gateway_backend>>
  open(host_gateway_options options);

  gateway_facts inspect(std::string_view id) override;
  error ensure(const gateway_order& order) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>>
  list(const reservation_type& type) override;

  /// Makes everything be as recorded and as it is configured now: after a
  /// start, or when somebody has meddled.
  error refresh();

  /// Makes nginx or the router run again if it ought to. Yields whether there
  /// was anything to do.
  expected<bool> restore(const std::string& id);

  /// Called after one of them was started.
  void on_start(std::function<void()> listener);

  const supervised_processes& processes() const { return *processes_; }

private:
  host_gateway_backend(host_gateway_options options, gateway_records records,
                       std::unique_ptr<supervised_processes> processes,
                       std::optional<zone_folder> zones);

  gateway_terms terms() const;
  error check(const gateway_order& order, const gateway_book& book) const;
  error apply(const gateway_book& book, const gateway_record& because) const;
  error apply_proxies(const gateway_book& book) const;
  error apply_zones(const gateway_book& book) const;
  error take_back(const gateway_order& order, gateway_book book,
                  const std::optional<gateway_record>& before,
                  const gateway_record& wanted) const;
  nginx_routes routes(const gateway_book& book) const;
  std::string flaw(const gateway_book& book, const std::string& id) const;
  std::string flaw_of_proxy(const gateway_book& book,
                            const std::string& id) const;
  std::string flaw_of_zone(const gateway_book& book,
                           const std::string& domain) const;

  host_gateway_options options_;
  gateway_records records_;
  /// At a fixed place, where nginx finds it.
  std::unique_ptr<supervised_processes> processes_;
  nginx_server nginx_;
  router_server router_;
  std::optional<zone_folder> zones_;
  process_mutex mutex_{options_.folder + ".lock"};
  std::function<void()> listener_;
};

} // namespace provision
