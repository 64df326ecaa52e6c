#pragma once

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "backends/host/host_machine_backend.hpp"
#include "backends/shared_volume_backend.hpp"
#include "tests/backends/network_host.hpp"
#include "tests/backends/process_host.hpp"
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
  std::string why;
  if (const auto& can = what_machines_need().ability;
      can.state == ability::level::missing)
    why = can.reason + "; " + can.remedy;
  else if (const auto networks = probe_network().ability;
           networks.state == ability::level::missing)
    why = "networks: " + networks.reason;
  else if (const auto guest = test_guest(); !guest)
    why = guest.error().message;
  boost::test_tools::assertion_result result{why.empty()};
  result.message() << "needs machines: " << why;
  if (!result)
    std::cout << "SKIP: needs machines: " << why << '\n';
  return result;
}

/// Node "a" of a network_host with the network "blue", a pool of volumes and
/// machines. At the end nothing of them may stay.
class machine_host : public network_host {
public:
  machine_host() {
    auto chosen
      = choose_volume_backend({.pool_image_size = 1}, scratch_.pool());
    BOOST_REQUIRE_MESSAGE(chosen, why(chosen));
    volumes = std::make_shared<shared_volume_backend>(std::move(*chosen));
    auto opened = network_host::open("a");
    BOOST_REQUIRE_MESSAGE(opened, why(opened));
    networks = std::move(*opened);
    BOOST_REQUIRE_EQUAL(why_not(networks->ensure(
                          {.id = "blue",
                           .user_id = "7",
                           .holder = "104-1",
                           .resource
                           = a_resource(keys_, "10.1.2.0/24", 41001)})),
                        "");
  }

  ~machine_host() {
    {
      const auto all = open();
      const auto ids = all->processes().ids().value();
      for (const auto& id : ids)
        BOOST_CHECK_EQUAL(why_not(all->destroy(id)), "");
    }
    BOOST_CHECK_EQUAL(traces(), "");
    BOOST_CHECK_EQUAL(why_not(networks->destroy("blue", "104-1")), "");
    networks.reset();
    volumes.reset();
  }

  host_machine_options options() const {
    return {.node_id = node(),
            .folder = folder + "/machines",
            .image_folder = test_guest().value(),
            .tools = what_machines_need().tools,
            .groups = what_machines_need().groups,
            .volumes = volumes,
            .networks = networks,
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

  /// Control groups, processes and volumes of machines; empty if none is left.
  std::string traces() const {
    std::string result;
    for (const auto& group :
         std::filesystem::directory_iterator{"/sys/fs/cgroup"})
      if (const auto own = group.path() / ("provision-" + node());
          std::filesystem::exists(own))
        result += own.string() + ' ';
    for (const auto pid : processes_with(folder + "/machines"))
      result += "process " + std::to_string(pid) + ' ';
    if (volumes->inspect("200-1").state != presence::absent)
      result += "volume ";
    const auto space = names("a").member_space("200-1");
    if (net_space::look(space) != presence::absent)
      result += "namespace ";
    return result;
  }

  std::string node() const {
    return std::filesystem::path{folder}.filename().string();
  }

  std::shared_ptr<volume_backend> volumes;
  std::shared_ptr<host_network_backend> networks;

private:
  scratch_pool scratch_;
  tunnel_keys keys_;
};

} // namespace provision::test
