#pragma once

#include <filesystem>
#include <string>

#include "backends/host/container_tools.hpp"
#include "backends/host/mounts.hpp"
#include "tests/journeys/workload_node.hpp"
#include "tests/support/box_image.hpp"

namespace provision::journeys {

using test::busybox;
using test::make_box_image;
using test::unless;

/// Whether this host can run containers; says so if not.
inline boost::test_tools::assertion_result
containers_are_possible(boost::unit_test::test_unit_id) {
  const auto can
    = probe_containers(std::filesystem::temp_directory_path().string()).ability;
  if (can.state == ability::level::missing)
    return unless("needs containers: " + can.reason);
  const auto networks = probe_network().ability;
  if (networks.state == ability::level::missing)
    return unless("needs networks: " + networks.reason);
  const auto box = busybox();
  return unless(box ? "" : box.error().message);
}

/// An image is unpacked on the way.
inline constexpr std::chrono::seconds container_patience{60};

/// A node that reads a network, a volume and a container from a file.
struct container_node : workload_node {
  explicit container_node(const std::string& more = {})
    : workload_node{"containers", "102-1"} {
    BOOST_REQUIRE(!make_box_image(node.data_dir() + "/images/own"));
    configure("[volumes]\npool_image_size = \"2GiB\"\n" + more);
  }

  reservation a_volume() {
    auto r = golden_reservation("volume");
    r.id = "12-1";
    std::get<workloads::volume>(r.workload).size = 1;
    return r;
  }

  reservation a_container() {
    auto r = golden_reservation("container");
    auto& what = std::get<workloads::container>(r.workload);
    // Secrets of this version are sealed for the node, by anybody.
    r.version = 0;
    what.flist = "oci:box";
    what.entrypoint = "/bin/sh -c 'trap \"exit 0\" TERM; env > /data/env; "
                      "ip addr show eth0 > /data/address; "
                      "echo ready for $FOO; while :; do sleep 1; done'";
    what.secret_env = {{{"PASSWORD", sealed("open sesame")}}};
    what.network.public_ip6 = false;
    what.network.yggdrasil_ip = false;
    what.mounts = {{"12-1", "/data"}};
    what.capacity.disk_size = 64;
    what.capacity.memory = 1024;
    return r;
  }

  int first_process() const { return processes().look("102-1").pid; }

  /// Also mounts: nothing of a container is mounted on the host.
  std::string all_traces() const {
    auto result = traces();
    const auto all = mounts().value();
    for (const auto& mount : all)
      if (mount.type == "overlay" || mount.point.starts_with(folder()))
        result += "mount " + mount.point + ' ';
    return result;
  }

  std::string in_volume(const std::string& name) const {
    for (const auto& one : std::filesystem::recursive_directory_iterator{
           node.data_dir() + "/volumes"})
      if (one.path().parent_path().filename() == "12-1"
          && one.path().filename() == name)
        return shim::read_small(one.path());
    return {};
  }
};

} // namespace provision::journeys
