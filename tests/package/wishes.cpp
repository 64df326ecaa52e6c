// Writes what a customer could ask of the node named on the command line, one
// reservation per line, for `replay.file`: a volume and a network, or, with the
// word "processes", that network and a container, a machine and a namespace in
// it. Run from the root of the sources.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string_view>
#include <variant>
#include <vector>

#include "identity/node_key.hpp"
#include "identity/secret_box.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "identity/wireguard_key.hpp"
#include "messages/base64.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

using namespace provision;

namespace {

reservation golden(const std::string& type, const std::string& node_id) {
  std::ifstream file{"tests/golden/reservations/" + type + ".json"};
  auto r = json::read_reservation(
             std::string{std::istreambuf_iterator<char>{file}, {}})
             .value();
  json::decode_workload(r);
  r.node_id = node_id;
  return r;
}

reservation a_volume(const std::string& node_id) {
  auto r = golden("volume", node_id);
  std::get<workloads::volume>(r.workload).size = 1;
  r.data = json::write(r.workload);
  return r;
}

/// With keys of its own, the private one sealed for the node.
reservation a_network(const std::string& node_id) {
  auto r = golden("network_resource", node_id);
  auto& resource = std::get<workloads::network_resource>(r.workload);
  sodium_entropy random;
  const auto key = base64::encode(random.draw(32).reveal());
  resource.wg_public_key = wireguard_key::public_of(secret{key}).value();
  resource.wg_private_key = hex::encode(
    secret_box::seal(key, public_key_of_node_id(node_id).value(), random)
      .value());
  r.data = json::write(r.workload);
  return r;
}

/// Without secrets: they would need the customer's key, which an explorer has.
reservation a_container(const std::string& node_id) {
  auto r = golden("container", node_id);
  auto& container = std::get<workloads::container>(r.workload);
  container.flist = "oci-archive:box.tar";
  container.entrypoint
    = "/bin/sh -c 'id -u; touch /tmp/mine && chmod 4755 /tmp/mine && echo "
      "marked; trap exit TERM; sleep 1000000 & wait'";
  container.secret_env = {};
  container.mounts = {};
  container.network.public_ip6 = false;
  container.network.yggdrasil_ip = false;
  container.capacity = {.cpu = 1, .memory = 1024, .disk_size = 64};
  container.logs = {};
  container.stats = {};
  r.data = json::write(r.workload);
  return r;
}

reservation a_machine(const std::string& node_id) {
  auto r = golden("kubernetes", node_id);
  auto& machine = std::get<workloads::kubernetes>(r.workload);
  machine.size = 18;
  machine.cluster_secret = {};
  machine.public_ip = 0;
  r.data = json::write(r.workload);
  return r;
}

reservation a_namespace(const std::string& node_id) {
  auto r = golden("zdb", node_id);
  auto& wanted = std::get<workloads::zdb>(r.workload);
  wanted.size = 1;
  wanted.password = {};
  r.data = json::write(r.workload);
  return r;
}

} // namespace

int main(int argc, char** argv) {
  const bool wants_processes
    = argc == 3 && argv[2] == std::string_view{"processes"};
  if ((argc != 2 && !wants_processes) || !public_key_of_node_id(argv[1])) {
    std::cerr << "usage: package_wishes NODE_ID [processes]\n";
    return 2;
  }
  const std::string node_id = argv[1];
  auto wishes = wants_processes
                  ? std::vector{a_network(node_id), a_container(node_id),
                                a_machine(node_id), a_namespace(node_id)}
                  : std::vector{a_volume(node_id), a_network(node_id)};
  for (const auto& wish : wishes)
    std::cout << json::write(wish).value() << '\n';
}
