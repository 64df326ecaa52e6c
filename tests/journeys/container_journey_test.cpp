#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/container_tools.hpp"
#include "backends/host/mounts.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_router.hpp"
#include "backends/host/supervised_processes.hpp"
#include "identity/node_key.hpp"
#include "identity/secret_box.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "identity/wireguard_key.hpp"
#include "messages/base64.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "shim/small_file.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/support/box_image.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace {

boost::test_tools::assertion_result
containers_are_possible(boost::unit_test::test_unit_id) {
  const auto can
    = probe_containers(std::filesystem::temp_directory_path().string()).ability;
  const auto networks = probe_network().ability;
  const auto box = busybox();
  boost::test_tools::assertion_result result{
    can.state != ability::level::missing
    && networks.state != ability::level::missing && box};
  const auto why = "needs containers: " + can.reason + ' ' + networks.reason
                   + (box ? "" : ' ' + box.error().message);
  result.message() << why;
  if (!result)
    std::cout << "SKIP: " << why << '\n';
  return result;
}

/// An image is unpacked on the way.
constexpr std::chrono::seconds patience{60};

reservation golden(const std::string& type) {
  std::ifstream file{"tests/golden/reservations/" + type + ".json"};
  auto r = json::read_reservation(
             std::string{std::istreambuf_iterator<char>{file}, {}})
             .value();
  json::decode_workload(r);
  return r;
}

/// A node that reads a network, a volume and a container from a file.
struct container_node {
  container_node() {
    std::filesystem::create_directories(node.data_dir());
    run({"identity", "new", "--data-dir", node.data_dir()});
    std::istringstream words{
      run({"identity", "show", "--data-dir", node.data_dir()}).out};
    for (std::string word; words >> word;)
      if (public_key_of_node_id(word))
        node_id = word;
    BOOST_REQUIRE(!node_id.empty());
    BOOST_REQUIRE(!make_box_image(node.data_dir() + "/images/own"));
    conf = node.write("node.conf", "[node]\ndata_dir = \"" + node.data_dir()
                                     + "\"\n[volumes]\npool_image_size = "
                                       "\"2GiB\"\n[replay]\nfile = \""
                                     + node.file("wishes.jsonl")
                                     + "\"\nsignatures = \"off\"\n");
  }

  ~container_node() {
    // What a failed case left.
    node.signal(SIGKILL);
    node.wait();
    const auto left
      = supervised_processes::open(node.data_dir() + "/containers",
                                   find_shim().value())
          .value();
    BOOST_CHECK(!left.remove("102-1"));
    const auto tools = probe_network().tools;
    const network_router router{tools, names(), {}, no_hook};
    BOOST_CHECK(!router.unplug("102-1"));
    BOOST_CHECK(!router.tear_down());
    BOOST_CHECK(!release_pool(node.data_dir() + "/volumes"));
  }

  network_names names() const { return {node_id, network_id("7", "net1")}; }

  void wish(reservation r) {
    r.node_id = node_id;
    r.user_id = "7";
    r.data = json::write(r.workload);
    std::ofstream file{node.file("wishes.jsonl"), std::ios::app};
    file << json::write(r).value() << '\n';
  }

  std::string sealed(const std::string& text) {
    sodium_entropy random;
    return hex::encode(
      secret_box::seal(text, public_key_of_node_id(node_id).value(), random)
        .value());
  }

  reservation a_network() {
    auto r = golden("network_resource");
    auto& what = std::get<workloads::network_resource>(r.workload);
    sodium_entropy random;
    const auto key = base64::encode(random.draw(32).reveal());
    what.wg_public_key = wireguard_key::public_of(secret{key}).value();
    what.wg_private_key = sealed(key);
    what.wg_listen_port
      = static_cast<std::uint16_t>(30000 + ::getpid() % 9000);
    return r;
  }

  reservation a_volume() {
    auto r = golden("volume");
    r.id = "12-1";
    std::get<workloads::volume>(r.workload).size = 1;
    return r;
  }

  reservation a_container() {
    auto r = golden("container");
    auto& what = std::get<workloads::container>(r.workload);
    // Secrets of this version are sealed for the node, by anybody.
    r.version = 0;
    what.flist = "oci:box";
    what.entrypoint = "/bin/sh -c 'trap \"exit 0\" TERM; env > /data/env; "
                      "ip addr show eth0 > /data/address; "
                      "while :; do sleep 1; done'";
    what.secret_env = {{{"PASSWORD", sealed("open sesame")}}};
    what.network.public_ip6 = false;
    what.network.yggdrasil_ip = false;
    what.mounts = {{"12-1", "/data"}};
    what.capacity.disk_size = 64;
    what.capacity.memory = 1024;
    return r;
  }

  void start() {
    node.start({"run", "--config", conf});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  void kill() {
    node.signal(SIGKILL);
    BOOST_REQUIRE(node.wait());
  }

  int first_process() const {
    return supervised_processes::open(node.data_dir() + "/containers",
                                      find_shim().value())
      .value()
      .look("102-1")
      .pid;
  }

  bool logs(const std::string& text) const {
    return node.log().find(text) != std::string::npos;
  }

  /// Everything of the container that the host still has.
  std::string traces() const {
    std::string result;
    if (net_space::look(names().member_space("102-1")) != presence::absent)
      result += "namespace ";
    for (const auto& group :
         std::filesystem::directory_iterator{"/sys/fs/cgroup"})
      if (std::filesystem::exists(group.path() / ("provision-" + node_id)))
        result += group.path().string() + ' ';
    for (const auto& one : std::filesystem::directory_iterator{"/proc"})
      if (shim::read_small(one.path().string() + "/cmdline")
            .find(node.data_dir() + "/containers")
          != std::string::npos)
        result += "process " + one.path().filename().string() + ' ';
    const auto all = mounts().value();
    for (const auto& mount : all)
      if (mount.type == "overlay"
          || mount.point.starts_with(node.data_dir() + "/containers"))
        result += "mount " + mount.point + ' ';
    if (std::filesystem::exists(node.data_dir() + "/containers/102-1"))
      result += "record ";
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

  node_process node = {};
  std::string node_id = {};
  std::string conf = {};
  const step_hook no_hook = {};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(container_journey_test, container_node,
                         *boost::unit_test::precondition(
                           containers_are_possible))

BOOST_AUTO_TEST_CASE(a_container_outlives_the_daemon_and_goes_without_trace) {
  BOOST_CHECK_EQUAL(traces(), "");
  wish(a_network());
  wish(a_volume());
  wish(a_container());
  start();
  const bool runs = eventually(
    [&] { return !in_volume("address").empty(); }, patience);
  BOOST_REQUIRE_MESSAGE(runs, node.log());
  // At a third death with it in flight it would be taken for the cause.
  BOOST_REQUIRE(eventually(
    [&] { return logs("provisioned reservation=102-1"); }, patience));
  BOOST_CHECK(in_volume("env").find("FOO=BAR\n") != std::string::npos);
  BOOST_CHECK(in_volume("env").find("PASSWORD=open sesame\n")
              != std::string::npos);
  BOOST_CHECK(in_volume("address").find("inet 10.1.2.5/24")
              != std::string::npos);
  const auto before = first_process();
  BOOST_REQUIRE_GT(before, 0);
  kill();
  start();
  BOOST_CHECK_EQUAL(first_process(), before);
  kill();
  // As if the machine had been switched off.
  for (const auto& one : std::filesystem::directory_iterator{"/proc"})
    if (shim::read_small(one.path().string() + "/cmdline")
          .find(node.data_dir() + "/containers")
        != std::string::npos)
      ::kill(std::stoi(one.path().filename().string()), SIGKILL);
  ::kill(before, SIGKILL);
  start();
  const bool restored = eventually(
    [&] {
      const auto now = first_process();
      return now > 0 && now != before;
    },
    patience);
  BOOST_CHECK_MESSAGE(restored, node.log());
  kill();
  auto over = a_container();
  over.to_delete = true;
  wish(over);
  start();
  const bool is_gone = eventually([&] { return traces().empty(); }, patience);
  BOOST_CHECK_MESSAGE(is_gone, traces() + node.log());
  node.signal(SIGTERM);
  const auto end = node.wait();
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
  BOOST_CHECK(!logs("sesame"));
}

BOOST_AUTO_TEST_CASE(one_that_keeps_dying_is_taken_down) {
  wish(a_network());
  wish(a_volume());
  auto dying = a_container();
  std::get<workloads::container>(dying.workload).entrypoint
    = "/bin/sh -c 'exit 3'";
  wish(dying);
  start();
  const bool told
    = eventually([&] { return logs("a container is given up"); }, patience);
  BOOST_CHECK_MESSAGE(told, node.log());
  const bool is_gone = eventually([&] { return traces().empty(); }, patience);
  BOOST_CHECK_MESSAGE(is_gone, traces() + node.log());
}

BOOST_AUTO_TEST_CASE(a_file_list_is_refused_with_the_reason) {
  wish(a_network());
  auto listed = golden("container");
  auto& what = std::get<workloads::container>(listed.workload);
  what.network.public_ip6 = what.network.yggdrasil_ip = false;
  what.mounts.clear();
  what.secret_env = {};
  wish(listed);
  start();
  const bool refused
    = eventually([&] { return logs("is a file list"); }, patience);
  BOOST_CHECK_MESSAGE(refused, node.log());
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_AUTO_TEST_SUITE_END()
