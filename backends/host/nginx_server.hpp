#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backends/host/control_groups.hpp"
#include "backends/host/nginx_config.hpp"
#include "backends/host/reloadable_server.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/host/supervised_processes.hpp"

namespace provision {

struct nginx_options {
  /// Part of the name of its control groups.
  std::string node_id = {};
  gateway_tools tools = {};
  std::optional<control_groups> groups = {};
  /// "0.0.0.0:80", "0.0.0.0:443"; empty: it listens nowhere.
  std::string http_listen = {};
  std::string tls_listen = {};
  std::chrono::milliseconds patience{10000};
  std::chrono::milliseconds restart_delay{2000};
  step_hook before_step = {};
};

/// The nginx of one node under a shim, which is the process "nginx":
///
///   <folder of the process>/nginx.conf       what it runs by
///                           nginx.conf.new   what it is to, while tried
///                           run/             its socket and its number
///
/// One thread at a time.
class nginx_server {
public:
  static constexpr const char* id = "nginx";

  /// `processes` must outlive it.
  nginx_server(const supervised_processes& processes, nginx_options options);

  /// Makes it serve exactly these, without a break for the others; none: makes
  /// it not run. Returns once it does. A configuration that nginx itself does
  /// not accept never reaches the one that runs. `on_start` is called if it had
  /// to be started.
  error settle(const nginx_routes& wanted,
               const std::function<void()>& on_start = {}) const;

  /// Why it does not serve exactly these; empty if it does.
  std::string flaw(const nginx_routes& wanted) const;

  process_facts look() const { return process_.look(); }

private:
  std::string folder() const { return processes_.folder_of(id); }
  std::string file() const { return folder() + "/nginx.conf"; }
  shim::process_spec spec() const;
  error try_out(const std::string& config) const;
  error wait_for_retreat(const std::vector<int>& workers) const;

  const supervised_processes& processes_;
  nginx_options options_;
  nginx_doors doors_;
  reloadable_server process_;
};

} // namespace provision
