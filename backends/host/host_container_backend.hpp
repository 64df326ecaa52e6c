#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/container_backend.hpp"
#include "backends/host/container_tools.hpp"
#include "backends/host/oci_bundle.hpp"
#include "backends/host/output_forwarding.hpp"
#include "backends/host/process_mutex.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/host/supervised_processes.hpp"
#include "backends/host/workload_holdings.hpp"
#include "backends/network_backend.hpp"
#include "backends/volume_backend.hpp"

namespace provision {

struct host_container_options {
  /// Whose containers: part of the name of each group.
  std::string node_id = {};
  /// Folder of the containers; made if it is missing. Neither this path nor
  /// that of the images may hold a colon or a comma.
  std::string folder = {};
  container_image_options images = {};
  container_tools tools = {};
  control_groups groups = {};
  std::shared_ptr<volume_backend> volumes = {};
  std::shared_ptr<network_backend> networks = {};
  /// Processes and threads of one container.
  std::uint64_t tasks_max = 4096;
  std::uint64_t log_bytes_max = 10U << 20U;
  /// Of each stream, where somebody wants them apart; and one older file.
  std::uint64_t stream_bytes_max = 4U << 20U;
  /// Sends the output on; null: it stays here.
  std::shared_ptr<output_forwarding> forwarding = {};
  std::chrono::milliseconds grace{3000};
  std::chrono::milliseconds restart_delay{2000};
  step_hook before_step = {};
};

/// Containers by crun, each under a shim:
///
///   <folder>/<id>/           records of its process (shim/process_state.hpp)
///                 order      what is needed to start it after a reboot
///                 bundle/    config.json, mode 0600: the secrets are in it
///                 run/       crun's own state, as long as it runs
///                 targets    where its output goes (output_forwarding.hpp)
///   volume <id>              its disk: "upper" and "work" of an overlay whose
///                            lower part is the image
///
/// Its files are mounted over /mnt, for the runtime alone (find_stage());
/// nothing is mounted on the host, so nothing has to be unmounted.
class host_container_backend final : public container_backend {
public:
  static expected<std::unique_ptr<host_container_backend>>
  open(host_container_options options);

  container_facts inspect(std::string_view id) override;
  error ensure(const container_order& order) override;
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
  host_container_backend(host_container_options options,
                         supervised_processes processes,
                         container_images images);

  error build(const container_order& order);
  error take_back(const std::string& id, error failed) const;
  expected<oci_bundle> bundle_of(const container_order& order,
                                 const unpacked_image& image,
                                 const std::string& space) const;
  error write_bundle(const std::string& id, const oci_bundle& bundle) const;
  expected<std::string> prepare_disk(const container_order& order) const;
  shim::process_spec spec_of(const container_order& order,
                             const unpacked_image& image,
                             const std::string& disk,
                             const std::string& stage) const;
  workload_holdings holdings() const;
  std::string why_not_started(const std::string& id, const error& failed) const;

  const host_container_options options_;
  const supervised_processes processes_;
  container_images images_;
  process_mutex mutex_{options_.folder + ".lock"};
  std::function<void()> listener_;
};

} // namespace provision
