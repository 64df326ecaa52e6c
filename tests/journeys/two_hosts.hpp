#pragma once

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "shim/small_file.hpp"
#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/journeys/processes.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/patience.hpp"

namespace provision::journeys {

using provision::test::authority;
using provision::test::eventually;

inline constexpr auto daemon_name = "DNS:node-1.example";
inline constexpr auto worker_name = "IP:127.0.0.1";

/// A daemon, and a host elsewhere that makes its volumes. Both are processes of
/// their own, with files of their own.
struct two_hosts {
  two_hosts() {
    auto made = run({"identity", "new", "--data-dir", node.data_dir()});
    BOOST_REQUIRE_EQUAL(made.code, 0);
    explorer = std::make_unique<explorer_under_test>(
      made.out.substr(0, made.out.find('\n')));
    issuer.write(storage.file("authority.pem"));
    issuer.write(node.file("authority.pem"));
    certify(storage, issuer, worker_name);
    certify(node, issuer, daemon_name);
  }

  static void certify(const node_process& whom, const authority& by,
                      const std::string& name) {
    const auto issued = by.issue(name);
    issued.write_certificate(whom.file("own.pem"));
    issued.write_key(whom.file("own.key"));
  }

  static std::string files_of(const node_process& whom) {
    return "certificate = \"" + whom.file("own.pem") + "\"\nkey = \""
           + whom.file("own.key") + "\"\nauthority = \""
           + whom.file("authority.pem") + "\"\n";
  }

  void start_storage() {
    const auto conf = storage.write(
      "worker.toml",
      "[node]\ndata_dir = \"" + storage.data_dir()
        + "\"\n[volumes]\ntechnique = \"directory\"\n" + storage_settings
        + "[workers]\n"
          "listen = \"127.0.0.1:"
        + std::to_string(port) + "\"\ndaemon = \"node-1.example\"\n"
        + files_of(storage));
    storage.start({"worker", "--type", type, "--config", conf});
    BOOST_REQUIRE_MESSAGE(storage.hears("READY=1"), storage.log());
    const auto log = storage.log();
    const auto at = log.rfind("port=");
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, log);
    port = std::stoi(log.substr(at + 5));
  }

  void start_node(const std::string& more = {}) {
    const auto conf
      = node.configure(explorer->url(), "[workers]\n" + type + " = \"127.0.0.1:"
                                          + std::to_string(port) + "\"\n"
                                          + files_of(node) + more);
    if (disk_turns)
      make_disk_turn();
    node.start({"run", "--config", conf});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  /// The disk of the other host does, as its operator says here.
  void make_disk_turn() const {
    auto text = shim::read_small(node.file("node.conf"));
    for (const auto& [from, to] :
         {std::pair{"sru = ", "hru = "},
          {"technique = ", "disk = \"hdd\"\ntechnique = "}})
      text.replace(text.find(from), std::string{from}.size(), to);
    node.write("node.conf", text);
  }

  void start() {
    start_storage();
    start_node();
  }

  std::string folder(std::int64_t id) const {
    return storage.data_dir() + "/volumes/" + gwid(id);
  }

  bool answered(std::int64_t id) const {
    return explorer->find(id).result.workload_id == gwid(id);
  }

  std::int64_t make_one() {
    const auto id = explorer->create(explorer->volume());
    BOOST_REQUIRE_MESSAGE(eventually([&] { return answered(id); }),
                          node.log() + storage.log());
    BOOST_CHECK_EQUAL(explorer->find(id).result.message, "");
    BOOST_CHECK(std::filesystem::is_directory(folder(id)));
    return id;
  }

  pid_t worker() const {
    for (const auto& child : children_of(storage.pid()))
      if (child.state != 'Z')
        return child.pid;
    return 0;
  }

  node_process node = {};
  node_process storage = {};
  authority issuer = {};
  int port = 0;
  std::string type = "volume";
  std::string storage_settings = {};
  bool disk_turns = false;
  std::unique_ptr<explorer_under_test> explorer = {};
};

} // namespace provision::journeys
