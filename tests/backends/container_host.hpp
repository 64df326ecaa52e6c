#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "backends/host/host_container_backend.hpp"
#include "backends/shared_volume_backend.hpp"
#include "tests/backends/network_host.hpp"
#include "tests/backends/process_host.hpp"
#include "tests/support/box_image.hpp"

namespace provision::test {

/// Whether containers can be run here; says so if not.
inline boost::test_tools::assertion_result
containers_are_possible(boost::unit_test::test_unit_id) {
  const auto can
    = probe_containers(std::filesystem::temp_directory_path().string()).ability;
  auto why = "needs containers: " + can.reason + "; " + can.remedy;
  bool possible = can.state != ability::level::missing;
  if (const auto networks = probe_network().ability;
      networks.state == ability::level::missing) {
    possible = false;
    why += " networks: " + networks.reason;
  }
  if (const auto box = busybox(); possible && !box) {
    possible = false;
    why += box.error().message;
  }
  boost::test_tools::assertion_result result{possible};
  result.message() << why;
  if (!result)
    std::cout << "SKIP: " << why << '\n';
  return result;
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

/// Node "a" of a network_host with the network "blue", a pool of volumes and
/// containers. At the end nothing of them may stay.
class container_host : public network_host {
public:
  container_host() {
    BOOST_REQUIRE_EQUAL(why_not(image_shelf::the().failed), "");
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

  ~container_host() {
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

  std::unique_ptr<host_container_backend> open(step_hook before_step = {}) {
    auto options = options_for();
    options.before_step = std::move(before_step);
    auto opened = host_container_backend::open(std::move(options));
    BOOST_REQUIRE_MESSAGE(opened, why(opened));
    return std::move(*opened);
  }

  host_container_options options_for() {
    static const auto can = probe_containers(
      std::filesystem::temp_directory_path().string());
    return {.node_id = group_node(),
            .folder = folder + "/containers",
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

  /// Control groups and processes of containers, and their namespaces.
  std::string traces() const {
    std::string result;
    for (const auto& group :
         std::filesystem::directory_iterator{"/sys/fs/cgroup"})
      if (const auto own = group.path() / ("provision-" + group_node());
          std::filesystem::exists(own))
        result += own.string() + ' ';
    for (const auto pid : processes_with(folder + "/containers"))
      result += "process " + std::to_string(pid) + ' ';
    return result;
  }

  std::string group_node() const {
    return std::filesystem::path{folder}.filename().string();
  }

  std::string output(const std::string& id = "200-1") {
    return open()->processes().output(id, 100000);
  }

  std::shared_ptr<volume_backend> volumes;
  std::shared_ptr<host_network_backend> networks;

private:
  scratch_pool scratch_;
  tunnel_keys keys_;
};

} // namespace provision::test
