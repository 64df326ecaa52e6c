#pragma once

#include <functional>
#include <memory>
#include <string>

#include "backends/host/network_record.hpp"
#include "backends/host/network_router.hpp"
#include "backends/host/process_mutex.hpp"
#include "backends/network_backend.hpp"
#include "identity/secret.hpp"

namespace provision {

struct host_network_options {
  /// Whose networks: part of every name, so that nodes do not meet.
  std::string node_id = {};
  /// Folder of the records.
  std::string folder = {};
  /// Namespace whose addresses the tunnels use; empty: this process's own.
  std::string underlay = {};
  network_tools tools = {};
  /// Opens wg_private_key; yields base64.
  std::function<expected<secret>(std::string_view sealed)> open_key = {};
  step_hook before_step = {};
};

/// Networks of this host's kernel, by the programs ip, nft and wg. Ending the
/// back-end leaves everything running: workloads outlive the daemon.
class host_network_backend final : public network_backend {
public:
  static expected<std::unique_ptr<host_network_backend>>
  open(host_network_options options);

  network_facts inspect(std::string_view id) override;
  error ensure(const network_order& order) override;
  error destroy(std::string_view id, std::string_view holder) override;
  expected<network_terms> terms(std::string_view id,
                                const workloads::ip_address& address) override;
  expected<std::string> attach(std::string_view id,
                               const network_member& member) override;
  error detach(std::string_view id, std::string_view member) override;
  expected<std::vector<held_object>> list() override;

  /// Networks that are meant to be here or are being removed.
  expected<std::vector<std::string>> recorded() const;

  /// Makes a recorded network agree with its record: after a reboot, a crash
  /// half-way or the death of a helper. Yields whether there was anything to
  /// do.
  expected<bool> restore(const std::string& id);

  /// Whether each tunnel is served by a process of its own.
  bool needs_helpers() const { return !options_.tools.wireguard_go.empty(); }

  /// Process that serves this network's tunnel; 0 if it needs none.
  expected<int> helper(const std::string& id) const;

  /// Called after every change of what recorded() yields.
  void on_change(std::function<void()> listener);

private:
  host_network_backend(host_network_options options, network_records records);

  network_router router(std::string_view id) const;
  /// Refuses what another network or another user stands in the way of.
  error check(const network_order& order,
              const std::optional<network_record>& before) const;
  expected<network_record> held(const std::string& id) const;
  error check_members(const network_plan& plan,
                      const std::vector<network_member>& members) const;
  error converge(const std::string& id, const network_record& record) const;
  error take_back(const std::string& id,
                  const std::optional<network_record>& before) const;
  error remove(const std::string& id) const;
  error plug(const network_router& at, const network_plan& plan,
             const network_member& member) const;
  void changed() const;

  const host_network_options options_;
  const network_records records_;
  mutable process_mutex mutex_{options_.folder + ".lock"};
  std::function<void()> listener_;
};

} // namespace provision
