#pragma once

#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>

#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_router.hpp"
#include "backends/host/supervised_processes.hpp"
#include "identity/node_key.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "identity/wireguard_key.hpp"
#include "messages/base64.hpp"
#include "messages/json/json.hpp"
#include "shim/small_file.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/journeys/sealed_by_user.hpp"
#include "tests/support/golden_reservation.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/unless.hpp"

namespace provision::journeys {

using test::golden_reservation;

/// A daemon that reads a network and one supervised workload from a file.
class workload_node {
public:
  /// `kind`: the folder of such workloads; `id`: the one of this node.
  workload_node(std::string kind, std::string id)
    : kind_{std::move(kind)}, id_{std::move(id)} {
    std::filesystem::create_directories(node.data_dir());
    run({"identity", "new", "--data-dir", node.data_dir()});
    std::istringstream words{
      run({"identity", "show", "--data-dir", node.data_dir()}).out};
    for (std::string word; words >> word;)
      if (public_key_of_node_id(word))
        node_id = word;
    BOOST_REQUIRE(!node_id.empty());
  }

  /// `settings`: sections of a configuration file, apart from node and replay.
  void configure(const std::string& settings) {
    conf_ = node.write(
      "node.conf", "[node]\ndata_dir = \"" + node.data_dir() + "\"\n" + settings
                     + "[replay]\nfile = \"" + node.file("wishes.jsonl")
                     + "\"\nsignatures = \"off\"\n");
  }

  /// What a failed case left is taken away, too.
  ~workload_node() {
    node.signal(SIGKILL);
    node.wait();
    BOOST_CHECK(!processes().remove(id_));
    const auto tools = probe_network().tools;
    const network_router router{tools, names(), {}, no_hook_};
    BOOST_CHECK(!router.unplug(id_));
    BOOST_CHECK(!router.tear_down());
    BOOST_CHECK(!release_pool(node.data_dir() + "/volumes"));
  }

  supervised_processes processes() const {
    return supervised_processes::open(folder(), find_shim().value()).value();
  }

  std::string folder() const { return node.data_dir() + '/' + kind_; }

  network_names names() const { return {node_id, network_id("7", "net1")}; }

  void wish(reservation r) {
    r.node_id = node_id;
    r.user_id = "7";
    r.data = json::write(r.workload);
    std::ofstream file{node.file("wishes.jsonl"), std::ios::app};
    file << json::write(r).value() << '\n';
  }

  /// Asks the running daemon for it, as an operator.
  void submit(reservation r) {
    r.node_id = node_id;
    r.user_id = "7";
    r.data = json::write(r.workload);
    const auto end = run_program(
      PROVISIONCTL, {"--data-dir", node.data_dir(), "submit",
                     node.write("order.jsonl", json::write(r).value() + '\n')});
    BOOST_REQUIRE_MESSAGE(end.code == 0, end.out + end.err);
  }

  /// Takes it away again.
  void submit_removal(reservation r) {
    r.to_delete = true;
    submit(std::move(r));
  }

  std::string sealed(const std::string& text) {
    return sealed_by_anybody(text, node_id);
  }

  reservation a_network() {
    auto r = golden_reservation("network_resource");
    auto& what = std::get<workloads::network_resource>(r.workload);
    sodium_entropy random;
    const auto key = base64::encode(random.draw(32).reveal());
    what.wg_public_key = wireguard_key::public_of(secret{key}).value();
    what.wg_private_key = sealed(key);
    what.wg_listen_port = static_cast<std::uint16_t>(30000 + ::getpid() % 9000);
    return r;
  }

  void start() {
    node.start({"run", "--config", conf_});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  void kill() {
    node.signal(SIGKILL);
    BOOST_REQUIRE(node.wait());
  }

  bool logs(const std::string& text) const {
    return node.log().find(text) != std::string::npos;
  }

  /// Everything of the workload that the host still has.
  std::string traces() const {
    std::string result;
    if (net_space::look(names().member_space(id_)) != presence::absent)
      result += "namespace ";
    for (const auto& group :
         std::filesystem::directory_iterator{"/sys/fs/cgroup"})
      if (std::filesystem::exists(group.path() / ("provision-" + node_id)))
        result += group.path().string() + ' ';
    for (const auto& one : std::filesystem::directory_iterator{"/proc"})
      if (shim::read_small(one.path().string() + "/cmdline").find(folder())
          != std::string::npos)
        result += "process " + one.path().filename().string() + ' ';
    for (const auto& place : {folder(), node.data_dir() + "/volumes"})
      if (std::filesystem::exists(place + '/' + id_))
        result += place + ' ';
    return result;
  }

  node_process node = {};
  std::string node_id = {};

private:
  std::string kind_;
  std::string id_;
  std::string conf_ = {};
  const step_hook no_hook_ = {};
};

} // namespace provision::journeys
