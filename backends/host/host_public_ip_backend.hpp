#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "backends/host/network_tools.hpp"
#include "backends/host/process_mutex.hpp"
#include "backends/host/public_bridge.hpp"
#include "backends/host/public_record.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/public_ip_backend.hpp"

namespace provision {

struct host_public_ip_options {
  public_place place = {};
  /// The machines' way out, IPv4.
  workloads::ip_address gateway = {};
  /// Network whose IPv6 addresses machines may use; none: any that their card
  /// gives itself.
  std::optional<workloads::ip_address> ipv6_network = {};
  /// Folder of the records; made if it is missing.
  std::string folder = {};
  network_tools tools = {};
  /// How long an answer is waited for when it is asked who has an address;
  /// three times in a row.
  std::chrono::milliseconds probe_patience{200};
  step_hook before_step = {};
};

/// Public addresses on a bridge of this host's kernel, by the programs ip and
/// nft. Ending the back-end leaves everything as it is: machines outlive the
/// daemon.
class host_public_ip_backend final : public public_ip_backend {
public:
  static expected<std::unique_ptr<host_public_ip_backend>>
  open(host_public_ip_options options);

  public_ip_facts inspect(std::string_view id) override;
  error ensure(const public_ip_order& order) override;
  error destroy(std::string_view id) override;
  expected<public_terms> attach(std::string_view id,
                                std::string_view machine) override;
  error detach(std::string_view id, std::string_view machine) override;
  expected<std::vector<held_object>> list() override;

  /// Makes the host agree with the records: the filter, and the cables of
  /// machines whose namespaces are there. Yields whether there was anything to
  /// do.
  expected<bool> restore();

  /// Namespace of the bridge; empty: this process's own.
  const std::string& space() const { return options_.place.space; }

private:
  host_public_ip_backend(host_public_ip_options options,
                         public_records records);

  struct noted {
    std::string id = {};
    /// Nothing: it cannot be read.
    std::optional<public_record> record = {};
  };

  bool has_namespace(const std::string& machine) const;
  expected<std::vector<noted>> read_all() const;
  expected<public_filter> filter() const;
  error load_filter() const;
  error check(const public_ip_order& order) const;
  error check_conflicts(const public_ip_order& order,
                        const link_facts& bridge) const;
  error put(const std::string& id, const public_record& record) const;
  error remove(const std::string& id) const;
  expected<std::string> disagreement(const std::string& id,
                                     const public_record& record) const;

  const host_public_ip_options options_;
  const public_records records_;
  const public_bridge bridge_;
  mutable process_mutex mutex_{options_.folder + ".lock"};
};

} // namespace provision
