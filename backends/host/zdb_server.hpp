#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "backends/host/step_hook.hpp"
#include "backends/host/supervised_processes.hpp"
#include "backends/host/zdb_admin.hpp"
#include "backends/host/zdb_tools.hpp"
#include "identity/entropy.hpp"

namespace provision {

struct zdb_server_options {
  /// Part of the name of its control groups.
  std::string node_id = {};
  workloads::zdb_mode mode = workloads::zdb_mode::seq;
  /// Folder of what its namespaces hold; made if it is missing.
  std::string data_folder = {};
  zdb_tools tools = {};
  std::optional<control_groups> groups = {};
  /// Where it serves; empty: at its unix socket alone.
  std::string address = {};
  std::uint16_t port = 0;
  /// Draws the admin's secret.
  std::shared_ptr<entropy> random = {};
  std::chrono::milliseconds start_patience{10000};
  std::chrono::milliseconds answer_patience{5000};
  std::chrono::milliseconds restart_delay{2000};
  step_hook before_step = {};
};

/// One 0-db server under a shim, which is the process "user" or "seq":
///
///   <folder of the process>/admin       its admin's secret, mode 0600
///                           names/<id>  its namespaces, noted by the back-end
///                           run/admin.sock   where its admin talks to it
///   <data folder>/data, index           what its namespaces hold
///   <data folder>.gone                  that, on its way out
///
/// It is never given up: however often it ends it is started again, because
/// what its namespaces hold cannot be had elsewhere. One thread at a time.
class zdb_server {
public:
  /// `processes` must outlive it.
  zdb_server(const supervised_processes& processes, zdb_server_options options);

  /// Whether there is anything of it: a process that ran once, or data.
  bool is_known() const;

  /// Every server has a namespace of this name.
  static constexpr std::string_view own_namespace = "default";

  /// The other namespaces that its data folder holds. It need not run.
  expected<std::set<std::string>> stored() const;

  process_facts look() const { return processes_.look(id_); }

  /// As it runs, nothing is changed.
  expected<zdb_admin> reach() const;

  /// Makes it run as it is configured now; what is there of its data stays.
  /// `on_start` is called if it had to be started. errc::host_unavailable says
  /// why it does not start; then nothing is left of one that had no data yet.
  expected<zdb_admin> bring_up(const std::function<void()>& on_start
                               = {}) const;

  /// Ends one that runs by another configuration than this, so that its keeper
  /// starts it anew.
  error end_outdated() const;

  /// Takes it away with all that its namespaces hold; absent is a success.
  error retire() const;

  /// The last step of retire(), for one that broke off before it.
  error forget_data() const;

  const std::string& id() const noexcept { return id_; }
  std::uint16_t port() const noexcept { return options_.port; }
  std::string folder() const { return processes_.folder_of(id_); }
  const std::string& data_folder() const noexcept {
    return options_.data_folder;
  }

private:
  expected<secret> admin_secret() const;
  expected<shim::process_spec> make_ready() const;
  shim::process_spec spec_of(const secret& admin) const;
  bool runs_as(const shim::process_spec& spec) const;
  expected<zdb_admin> wait_until_up(const secret& admin) const;
  std::string socket() const { return folder() + "/run/admin.sock"; }

  const supervised_processes& processes_;
  zdb_server_options options_;
  std::string id_;
};

} // namespace provision
