#pragma once

#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_router.hpp"
#include "backends/host/supervised_processes.hpp"
#include "identity/wireguard_key.hpp"
#include "messages/base64.hpp"
#include "shim/small_file.hpp"
#include "tests/backends/host_traces.hpp"
#include "tests/journeys/order_book.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/journeys/processes.hpp"
#include "tests/journeys/sealed_by_user.hpp"
#include "tests/journeys/workers.hpp"
#include "tests/support/greeting.hpp"
#include "tests/support/patience.hpp"

namespace provision::journeys {

/// A daemon that is killed again and again, while an explorer sends it a
/// network and supervised workloads of one kind.
struct workload_town : process_town, order_book {
  /// `folder`: of such workloads, in the data folder; `disks`: of their disks,
  /// in the pool of volumes.
  workload_town(const std::string& folder, const std::string& disks,
                const std::string& more, const std::string& host)
    : process_town{"[engine]\ndeaths_max = 1000\n"
                   "[janitor]\ninterval = \"1s\"\n"
                     + more,
                   host},
      workloads{node.data_dir() + '/' + folder}, disks{node.data_dir()
                                                       + "/volumes" + disks},
      names{explorer->node_id(), network_id("7", "net1")}, before{marks()} {}

  /// What a failed case left is taken away, too.
  ~workload_town() {
    node.signal(SIGKILL);
    node.wait();
    const auto tools = probe_network().tools;
    const step_hook no_hook;
    const network_router router{tools, names, {}, no_hook};
    for (const auto id : created) {
      BOOST_CHECK(!processes().remove(gwid(id)));
      BOOST_CHECK(!router.unplug(gwid(id)));
    }
    BOOST_CHECK(!router.tear_down());
    BOOST_CHECK(!release_pool(node.data_dir() + "/volumes"));
  }

  supervised_processes processes() const {
    return supervised_processes::open(workloads, find_shim().value()).value();
  }

  // -- the user ---------------------------------------------------------------

  void order(documents::workload what) {
    created.push_back(explorer->create(std::move(what)));
  }

  void order_network() {
    auto w = explorer->golden("network_resource");
    auto& wanted = std::get<documents::network_resource>(w.content);
    sodium_entropy random;
    const auto key = base64::encode(random.draw(32).reveal());
    wanted.wireguard_public_key = wireguard_key::public_of(secret{key}).value();
    wanted.wireguard_private_key_encrypted
      = sealed_by_anybody(key, explorer->node_id());
    wanted.wireguard_listen_port = 20000 + ::getpid() % 9000;
    order(std::move(w));
  }

  void cancel(std::int64_t id) {
    cancelled.insert(id);
    explorer->cancel(id);
  }

  /// An address of the network that no other workload has.
  std::string next_address() const {
    return "10.1.2." + std::to_string(10 + created.size());
  }

  void is_told_all() const {
    test::eventually([&] { return unsaid(*explorer).empty(); },
                     std::chrono::minutes{1});
    BOOST_REQUIRE_MESSAGE(unsaid(*explorer).empty(), unsaid(*explorer)
                                                       << node.log());
  }

  // -- the daemon -------------------------------------------------------------

  void launch() { node.start({"run", "--config", conf}); }

  /// Whether that was in the middle of a call for this reservation.
  bool die(std::int64_t id) {
    node.signal(SIGKILL);
    const auto end = node.wait();
    BOOST_REQUIRE(end);
    BOOST_REQUIRE_MESSAGE(end->code == -SIGKILL, end->err);
    // Nothing ends by itself here, so nobody has to bring anything back.
    BOOST_CHECK_MESSAGE(end->err.find("restored") == std::string::npos,
                        end->err);
    return is_at_work_on(id);
  }

  bool is_at_work_on(std::int64_t id) const {
    return journeys::is_at_work_on(node, gwid(id));
  }

  /// What a fresh daemon's janitor finds once it has looked.
  std::string orphans() const {
    std::string said;
    test::eventually([&] {
      said = run_program(PROVISIONCTL,
                         {"--data-dir", node.data_dir(), "--json", "orphans"})
               .out;
      return said.find(R"("obstacle":"")") != std::string::npos;
    });
    return said;
  }

  // -- the host ---------------------------------------------------------------

  std::string place(std::int64_t id) const {
    return workloads + '/' + gwid(id);
  }

  static bool is_there(const std::string& path) {
    return std::filesystem::exists(std::filesystem::symlink_status(path));
  }

  std::string disk(std::int64_t id) const { return disks + gwid(id); }

  std::string space(std::int64_t id) const {
    return net_space::path_of(names.member_space(gwid(id)));
  }

  /// Names of the living processes in the control groups of a workload, sorted.
  std::string members(std::int64_t id) const {
    const auto group = "/provision-" + explorer->node_id() + '/' + gwid(id);
    std::vector<std::string> found;
    for (const auto& one : std::filesystem::directory_iterator{"/proc"})
      if (shim::read_small(one.path().string() + "/cgroup").find(group + '\n')
          != std::string::npos)
        if (const auto seen
            = look_at(std::stoi(one.path().filename().string()));
            seen && seen->state != 'Z')
          found.push_back(seen->name);
    std::ranges::sort(found);
    std::string result;
    for (const auto& name : found)
      result += (result.empty() ? "" : " ") + name;
    return result;
  }

  /// How many processes look after it.
  int shims(std::int64_t id) const {
    int count = 0;
    for (const auto& one : std::filesystem::directory_iterator{"/proc"}) {
      const auto words = shim::read_small(one.path().string() + "/cmdline");
      if (words.find("provisiond-shim") != std::string::npos
          && words.find(place(id) + '\0') != std::string::npos)
        ++count;
    }
    return count;
  }

  bool has_group(std::int64_t id) const {
    return std::ranges::any_of(
      std::filesystem::directory_iterator{"/sys/fs/cgroup"},
      [&](const auto& kind) {
        return is_there(kind.path().string() + "/provision-"
                        + explorer->node_id() + '/' + gwid(id));
      });
  }

  /// Everything that the host has of a workload.
  std::string traces(std::int64_t id) const {
    std::string result;
    if (has_group(id))
      result += gwid(id) + " has a group ";
    if (shims(id) != 0)
      result += gwid(id) + " has a shim ";
    for (const auto& path : {place(id), disk(id), space(id)})
      if (is_there(path))
        result += path + ' ';
    return result;
  }

  /// What the host has and had not before.
  std::string traces() const {
    std::string result;
    for (const auto id : created)
      result += traces(id);
    for (const auto& one : std::filesystem::directory_iterator{"/proc"})
      if (const auto words = shim::read_small(one.path().string() + "/cmdline");
          words.find(node.data_dir()) != std::string::npos
          && !words.starts_with(PROVISIOND))
        result += "process " + one.path().filename().string() + ' ';
    return result + test::host_traces{marks()}.beyond(before);
  }

  const std::string workloads;
  const std::string disks;
  const network_names names;

private:
  std::vector<std::string> marks() const {
    return {names.router, names.tunnel, names.member_space("")};
  }

  const test::host_traces before;
};

} // namespace provision::journeys
