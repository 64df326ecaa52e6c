#pragma once

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "backends/host/host_machine_backend.hpp"
#include "tests/backends/workload_host.hpp"
#include "tests/support/test_guest.hpp"

namespace provision::test {

inline const machine_ability& what_machines_need() {
  static const auto found
    = probe_machines(std::filesystem::temp_directory_path().string());
  return found;
}

/// Whether machines can be run here; says so if not.
inline boost::test_tools::assertion_result
machines_are_possible(boost::unit_test::test_unit_id) {
  const auto& can = what_machines_need().ability;
  if (can.state == ability::level::missing)
    return unless("needs machines: " + can.reason + "; " + can.remedy);
  const auto networks = probe_network().ability;
  if (networks.state == ability::level::missing)
    return unless("needs networks: " + networks.reason);
  const auto guest = test_guest();
  return unless(guest ? "" : guest.error().message);
}

class machine_host : public workload_host {
public:
  machine_host() : workload_host{"machines"} {}
  ~machine_host() { destroy_all(*open()); }

  host_machine_options options() const {
    return {.node_id = node(),
            .folder = workloads_folder(),
            .image_folder = test_guest().value(),
            .tools = what_machines_need().tools,
            .groups = what_machines_need().groups,
            .volumes = volumes,
            .networks = networks,
            .public_ips = public_ips,
            .shutdown_patience = std::chrono::milliseconds{1},
            .restart_delay = std::chrono::milliseconds{1}};
  }

  static std::unique_ptr<host_machine_backend>
  open(host_machine_options options) {
    auto opened = host_machine_backend::open(std::move(options));
    BOOST_REQUIRE_MESSAGE(opened, why(opened));
    return std::move(*opened);
  }

  std::unique_ptr<host_machine_backend> open(step_hook before_step = {}) const {
    auto wanted = options();
    wanted.before_step = std::move(before_step);
    return open(std::move(wanted));
  }

  /// Null until a test brings one.
  std::shared_ptr<public_ip_backend> public_ips;

  static machine_order order(std::string id = "200-1") {
    return {.id = std::move(id),
            .cpus = 2,
            .memory_bytes = 256U << 20U,
            .disk_bytes = 64U << 20U,
            .network_id = "blue",
            .address = address("10.1.2.5"),
            .ssh_keys = {"ssh-ed25519 AAAA user"},
            .files = {{"/etc/token", secret{"hidden"}}}};
  }

  std::string console(const std::string& id = "200-1") const {
    return open()->processes().output(id, 100000);
  }

  /// Whether the machine says this within two minutes: a processor in software
  /// on a busy host takes its time.
  bool says(const std::string& what, const std::string& id = "200-1") const {
    return eventually(
      [&] { return console(id).find(what) != std::string::npos; },
      std::chrono::minutes{2});
  }
};

} // namespace provision::test
