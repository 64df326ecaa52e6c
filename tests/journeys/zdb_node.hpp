#pragma once

#include <boost/test/unit_test.hpp>

#include "backends/host/zdb_admin.hpp"
#include "backends/host/zdb_tools.hpp"
#include "tests/journeys/workload_node.hpp"
#include "tests/support/zdb_client.hpp"

namespace provision::journeys {

using namespace provision::test;

inline constexpr std::uint16_t zdb_port = 9900;

inline boost::test_tools::assertion_result
namespaces_are_possible(boost::unit_test::test_unit_id) {
  // The fixture takes networks away, too.
  const auto networks = probe_network().ability;
  if (networks.state == ability::level::missing)
    return unless("needs networks: " + networks.reason);
  const auto can = probe_zdb(std::filesystem::temp_directory_path().string(),
                             zdb_server_program())
                     .ability;
  return unless(can.state == ability::level::missing ? can.reason : "");
}

/// A node that reads a namespace from a file.
struct zdb_node : workload_node {
  explicit zdb_node(const std::string& more_settings = {})
    : workload_node{"zdb", "user"} {
    serve_namespaces(more_settings);
  }

  void serve_namespaces(const std::string& more_settings = {}) {
    configure(common + "[zdb]\nserver = \"" + zdb_server_program()
              + "\"\nlisten = \"" + address_of_this_test() + ':'
              + std::to_string(zdb_port) + "\"\n" + more_settings);
  }

  /// From the next start on.
  void serve_none() { configure(common); }

  reservation a_namespace(const std::string& id = "101-1") {
    auto r = golden_reservation("zdb");
    r.id = id;
    auto& what = std::get<workloads::zdb>(r.workload);
    // Secrets of this version are sealed for the node, by anybody.
    r.version = 0;
    what.size = 1;
    what.is_public = false;
    what.password = sealed("open sesame");
    return r;
  }

  bool is_served() const {
    if (server() == 0)
      return false;
    zdb_client user{zdb_port};
    return user.says({"SELECT", "101-1"}) == "Namespace protected and private"
           && user.says({"SELECT", "101-1", "open sesame"}) == "OK";
  }

  std::string told() const {
    zdb_client user{zdb_port};
    return user.says({"NSINFO", "101-1"});
  }

  /// As the node talks to its server.
  expected<zdb_admin> admin() const {
    const auto place = processes().folder_of("user");
    return zdb_admin::connect(place + "/run/admin.sock",
                              secret{shim::read_small(place + "/admin")},
                              std::chrono::seconds{5});
  }

  /// The server's process; 0 if none runs.
  int server() const { return processes().look("user").pid; }

  static inline const std::string common
    = "[capacity]\nhru = \"100GiB\"\nsru = \"100GiB\"\n[volumes]\n"
      "technique = \"directory\"\n";

  std::string pool() const { return node.data_dir() + "/volumes/zdb+user"; }
};

} // namespace provision::journeys
