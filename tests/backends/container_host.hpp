#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "backends/host/host_container_backend.hpp"
#include "tests/backends/workload_host.hpp"
#include "tests/support/box_image.hpp"

namespace provision::test {

/// Whether containers can be run here; says so if not.
inline boost::test_tools::assertion_result
containers_are_possible(boost::unit_test::test_unit_id) {
  const auto can
    = probe_containers(std::filesystem::temp_directory_path().string()).ability;
  if (can.state == ability::level::missing)
    return unless("needs containers: " + can.reason + "; " + can.remedy);
  const auto networks = probe_network().ability;
  if (networks.state == ability::level::missing)
    return unless("needs networks: " + networks.reason);
  const auto box = busybox();
  return unless(box ? "" : box.error().message);
}

/// Images, made and unpacked once for all cases.
struct image_shelf {
  image_shelf() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "images-XXXXXX").string();
    root = ::mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    failed = make_box_image(root + "/own");
  }
  ~image_shelf() { std::filesystem::remove_all(root); }

  static const image_shelf& the() {
    static const image_shelf shelf;
    return shelf;
  }

  std::string root;
  error failed;
};

class container_host : public workload_host {
public:
  container_host() : workload_host{"containers"} {
    BOOST_REQUIRE_EQUAL(why_not(image_shelf::the().failed), "");
  }
  ~container_host() { destroy_all(*open()); }

  std::unique_ptr<host_container_backend> open(step_hook before_step = {}) {
    auto options = options_for();
    options.before_step = std::move(before_step);
    auto opened = host_container_backend::open(std::move(options));
    BOOST_REQUIRE_MESSAGE(opened, why(opened));
    return std::move(*opened);
  }

  host_container_options options_for() {
    static const auto can
      = probe_containers(std::filesystem::temp_directory_path().string());
    return {.node_id = node(),
            .folder = workloads_folder(),
            .images = {.folder = image_shelf::the().root + "/unpacked",
                       .own_images = image_shelf::the().root + "/own"},
            .tools = can.tools,
            .groups = can.groups,
            .volumes = volumes,
            .networks = networks,
            .grace = std::chrono::milliseconds{100},
            .restart_delay = std::chrono::milliseconds{1}};
  }

  /// One that runs a script until it is told to end.
  container_order order(const std::string& script,
                        std::string id = "200-1") const {
    return {.id = std::move(id),
            .image = "oci:box",
            .entrypoint = {"/bin/sh", "-c", script},
            .cpus = 1,
            .memory_bytes = 64U << 20U,
            .disk_bytes = 64U << 20U,
            .network_id = "blue",
            .addresses = {address("10.1.2.5")}};
  }

  std::string output(const std::string& id = "200-1") {
    return open()->processes().output(id, 100000);
  }
};

} // namespace provision::test
