#pragma once

#include <filesystem>
#include <string>

#include "backends/host/machine_tools.hpp"
#include "tests/journeys/workload_node.hpp"
#include "tests/support/test_guest.hpp"

namespace provision::journeys {

/// Whether this host can run machines; says so if not.
inline boost::test_tools::assertion_result
machines_are_possible(boost::unit_test::test_unit_id) {
  const auto can
    = probe_machines(std::filesystem::temp_directory_path().string()).ability;
  if (can.state == ability::level::missing)
    return test::unless("needs machines: " + can.reason);
  const auto networks = probe_network().ability;
  if (networks.state == ability::level::missing)
    return test::unless("needs networks: " + networks.reason);
  const auto guest = test::test_guest();
  return test::unless(guest ? "" : guest.error().message);
}

/// A processor in software on a busy host takes its time.
inline constexpr std::chrono::minutes machine_patience{2};

/// A node that reads a network and a machine from a file.
struct machine_node : workload_node {
  explicit machine_node(const std::string& more = {})
    : workload_node{"machines", "103-1"} {
    configure("[capacity]\nsru = \"100GiB\"\n[volumes]\ntechnique = "
              "\"directory\"\n[machines]\nimage_folder = \""
              + test::test_guest().value() + "\"\n" + more);
  }

  reservation a_machine() {
    auto r = golden_reservation("kubernetes");
    auto& what = std::get<workloads::kubernetes>(r.workload);
    // Secrets of this version are sealed for the node, by anybody.
    r.version = 0;
    what.size = 18;
    what.cluster_secret = sealed("open sesame");
    what.public_ip = 0;
    return r;
  }

  std::string console() const { return processes().output("103-1", 100000); }

  bool says(const std::string& what) const {
    return test::eventually(
      [&] { return console().find(what) != std::string::npos; },
      machine_patience);
  }
};

} // namespace provision::journeys
