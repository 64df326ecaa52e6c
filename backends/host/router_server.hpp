#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "backends/host/control_groups.hpp"
#include "backends/host/gateway_tools.hpp"
#include "backends/host/reloadable_server.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/host/supervised_processes.hpp"

namespace provision {

struct router_options {
  /// Part of the name of its control groups.
  std::string node_id = {};
  gateway_tools tools = {};
  std::optional<control_groups> groups = {};
  /// Where clients dial in; numeric. Port 0: the system chooses.
  std::string host = {};
  std::uint16_t port = 0;
  /// Folder of the doors, which nginx's workers must reach; made when it is
  /// needed and removed when it is not.
  std::string door_folder = {};
  std::chrono::milliseconds patience{10000};
  std::chrono::milliseconds restart_delay{2000};
  step_hook before_step = {};
};

/// The provisiond-router of one node under a shim, which is the process
/// "router":
///
///   <folder of the process>/setup   what it runs by
///                           run/    its socket
///   <door folder>/<id>              where visitors of a tunnel come in
///
/// One thread at a time.
class router_server {
public:
  static constexpr const char* id = "router";

  /// `processes` must outlive it.
  router_server(const supervised_processes& processes, router_options options);

  /// Digests of secrets, by id of the reservation.
  using tunnels = std::map<std::string, std::string>;

  /// Makes it serve exactly these; none: makes it not run. Clients of those
  /// that stay are kept. Returns once it does.
  error settle(const tunnels& wanted,
               const std::function<void()>& on_start = {}) const;

  /// Why it does not serve exactly these; empty if it does.
  std::string flaw(const tunnels& wanted) const;

  /// Path of the socket where visitors of this reservation's tunnel come in.
  std::string door_of(const std::string& tunnel) const;

  process_facts look() const { return process_.look(); }

private:
  std::string folder() const { return processes_.folder_of(id); }
  std::string file() const { return folder() + "/setup"; }
  std::string setup_text(const tunnels& wanted) const;
  shim::process_spec spec() const;
  error retire() const;
  error make_folders() const;

  const supervised_processes& processes_;
  router_options options_;
  reloadable_server process_;
};

} // namespace provision
