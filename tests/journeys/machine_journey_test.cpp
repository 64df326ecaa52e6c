#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "backends/host/machine_tools.hpp"
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
#include "tests/support/patience.hpp"
#include "tests/support/test_guest.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace {

boost::test_tools::assertion_result
machines_are_possible(boost::unit_test::test_unit_id) {
  const auto can
    = probe_machines(std::filesystem::temp_directory_path().string()).ability;
  const auto networks = probe_network().ability;
  const auto guest = test_guest();
  boost::test_tools::assertion_result result{
    can.state != ability::level::missing
    && networks.state != ability::level::missing && guest};
  const auto why = "needs machines: " + can.reason + ' ' + networks.reason
                   + (guest ? "" : ' ' + guest.error().message);
  result.message() << why;
  if (!result)
    std::cout << "SKIP: " << why << '\n';
  return result;
}

/// A processor in software on a busy host takes its time.
constexpr std::chrono::minutes patience{2};

reservation golden(const std::string& type) {
  std::ifstream file{"tests/golden/reservations/" + type + ".json"};
  auto r = json::read_reservation(
             std::string{std::istreambuf_iterator<char>{file}, {}})
             .value();
  json::decode_workload(r);
  return r;
}

/// A node that reads a network and a machine from a file.
struct machine_node {
  machine_node() {
    std::filesystem::create_directories(node.data_dir());
    run({"identity", "new", "--data-dir", node.data_dir()});
    std::istringstream words{
      run({"identity", "show", "--data-dir", node.data_dir()}).out};
    for (std::string word; words >> word;)
      if (public_key_of_node_id(word))
        node_id = word;
    BOOST_REQUIRE(!node_id.empty());
    conf = node.write(
      "node.conf", "[node]\ndata_dir = \"" + node.data_dir()
                     + "\"\n[capacity]\nsru = \"100GiB\"\n[volumes]\n"
                       "technique = \"directory\"\n[machines]\nimage_folder = "
                       "\""
                     + test_guest().value() + "\"\n[replay]\nfile = \""
                     + node.file("wishes.jsonl")
                     + "\"\nsignatures = \"off\"\n");
  }

  ~machine_node() {
    // What a failed case left.
    node.signal(SIGKILL);
    node.wait();
    BOOST_CHECK(!processes().remove("103-1"));
    const auto tools = probe_network().tools;
    const network_router router{tools, names(), {}, no_hook};
    BOOST_CHECK(!router.unplug("103-1"));
    BOOST_CHECK(!router.tear_down());
  }

  supervised_processes processes() const {
    return supervised_processes::open(node.data_dir() + "/machines",
                                      find_shim().value())
      .value();
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
      = static_cast<std::uint16_t>(39000 + ::getpid() % 9000);
    return r;
  }

  reservation a_machine() {
    auto r = golden("kubernetes");
    auto& what = std::get<workloads::kubernetes>(r.workload);
    // Secrets of this version are sealed for the node, by anybody.
    r.version = 0;
    what.size = 18;
    what.cluster_secret = sealed("open sesame");
    what.public_ip = 0;
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

  std::string console() const { return processes().output("103-1", 100000); }

  bool says(const std::string& what) const {
    return eventually(
      [&] { return console().find(what) != std::string::npos; }, patience);
  }

  /// Everything of the machine that the host still has.
  std::string traces() const {
    std::string result;
    if (net_space::look(names().member_space("103-1")) != presence::absent)
      result += "namespace ";
    for (const auto& group :
         std::filesystem::directory_iterator{"/sys/fs/cgroup"})
      if (std::filesystem::exists(group.path() / ("provision-" + node_id)))
        result += group.path().string() + ' ';
    for (const auto& one : std::filesystem::directory_iterator{"/proc"})
      if (shim::read_small(one.path().string() + "/cmdline")
            .find(node.data_dir() + "/machines")
          != std::string::npos)
        result += "process " + one.path().filename().string() + ' ';
    for (const auto* place : {"/machines/", "/volumes/"})
      if (std::filesystem::exists(node.data_dir() + place + "103-1"))
        result += place;
    return result;
  }

  node_process node = {};
  std::string node_id = {};
  std::string conf = {};
  const step_hook no_hook = {};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(machine_journey_test, machine_node,
                         *boost::unit_test::precondition(
                           machines_are_possible))

BOOST_AUTO_TEST_CASE(a_machine_outlives_the_daemon_and_goes_without_trace) {
  BOOST_CHECK_EQUAL(traces(), "");
  wish(a_network());
  wish(a_machine());
  start();
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 1"), console() + node.log());
  BOOST_CHECK(console().find("GUEST disk_sectors=52428800\r")
              != std::string::npos);
  BOOST_CHECK(console().find(base64::encode(
                R"({"flannel-iface":"eth0","token":"open sesame",)"
                R"("server":"https://10.1.2.7:6443",)"
                R"("disable":["traefik"]})"
                "\n"))
              != std::string::npos);
  const auto before = processes().look("103-1").pid;
  BOOST_REQUIRE_GT(before, 0);
  kill();
  start();
  BOOST_CHECK_EQUAL(processes().look("103-1").pid, before);
  kill();
  // As if the host had been switched off.
  BOOST_REQUIRE(!processes().stop("103-1"));
  start();
  BOOST_CHECK_MESSAGE(says("GUEST is up, boot 2"), console() + node.log());
  kill();
  auto over = a_machine();
  over.to_delete = true;
  wish(over);
  start();
  const bool is_gone = eventually([&] { return traces().empty(); }, patience);
  BOOST_CHECK_MESSAGE(is_gone, traces() + node.log());
  node.signal(SIGTERM);
  const auto end = node.wait();
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
  BOOST_CHECK(node.log().find("sesame") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
