#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "backends/host/machine_image.hpp"
#include "backends/host/machine_tools.hpp"
#include "backends/host/process_mutex.hpp"
#include "backends/host/qemu_monitor.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/host/supervised_processes.hpp"
#include "backends/host/workload_holdings.hpp"
#include "backends/machine_backend.hpp"
#include "backends/network_backend.hpp"
#include "backends/public_ip_backend.hpp"
#include "backends/volume_backend.hpp"

namespace provision {

struct host_machine_options {
  /// Whose machines: part of each one's UUID and of the name of its groups.
  std::string node_id = {};
  /// Folder of the machines; made if it is missing.
  std::string folder = {};
  /// See machine_image.
  std::string image_folder = {};
  machine_tools tools = {};
  control_groups groups = {};
  std::shared_ptr<volume_backend> volumes = {};
  std::shared_ptr<network_backend> networks = {};
  /// Null: this host has none.
  std::shared_ptr<public_ip_backend> public_ips = {};
  /// The console's output that is kept, and as much again twice.
  std::uint64_t log_bytes_max = 10U << 20U;
  /// How long a machine's system has to shut down.
  std::chrono::milliseconds shutdown_patience{5000};
  std::chrono::milliseconds restart_delay{2000};
  step_hook before_step = {};
};

/// How a machine is connected.
struct machine_cards {
  network_terms terms = {};
  /// Nothing: it has no public card.
  std::optional<public_terms> open = {};
  /// Path of its network namespace.
  std::string space = {};
};

/// Machines by QEMU, each under a shim:
///
///   <folder>/<id>/            records of its process (shim/process_state.hpp),
///                             whose log is the machine's console
///                 machine     what is needed to start it after a reboot
///                 seed        what its cloud-init reads, mode 0600: the
///                 secrets
///                             are in it
///                 run/control QEMU's monitor, as long as it runs
///   volume <id>               "disk": qcow2, kept until the machine is
///   destroyed
class host_machine_backend final : public machine_backend {
public:
  /// errc::invalid_configuration if the image is not complete.
  static expected<std::unique_ptr<host_machine_backend>>
  open(host_machine_options options);

  machine_facts inspect(std::string_view id) override;
  error ensure(const machine_order& order) override;
  error destroy(std::string_view id) override;
  expected<workload_usage> usage(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

  /// Makes one that ought to run do so again: after a reboot or the death of
  /// its shim. Nothing is done for one that runs or was given up. Yields
  /// whether there was anything to do.
  expected<bool> restore(const std::string& id);

  /// Called after one was started.
  void on_start(std::function<void()> listener);

  const supervised_processes& processes() const { return processes_; }

private:
  host_machine_backend(host_machine_options options, machine_image image,
                       supervised_processes processes);

  std::string control_socket(const std::string& id) const;
  expected<qemu_status> ask(const std::string& id) const;
  error wait_until_up(const std::string& id) const;
  error build(const machine_order& order);
  expected<machine_cards> attach(const machine_order& order) const;
  expected<std::optional<public_terms>>
  attach_public(const std::string& id, const std::string& public_ip) const;
  expected<std::string> make_disk(const machine_order& order) const;
  shim::process_spec spec_of(const machine_order& order,
                             const machine_cards& cards,
                             const std::string& disk) const;
  error take_back(const std::string& id, error failed) const;
  void shut_down(const std::string& id) const;
  error remove(const std::string& id) const;
  workload_holdings holdings() const;

  const host_machine_options options_;
  const machine_image image_;
  const supervised_processes processes_;
  process_mutex mutex_{options_.folder + ".lock"};
  std::function<void()> listener_;
};

} // namespace provision
