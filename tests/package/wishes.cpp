// Writes what a customer could ask of the node named on the command line: a
// volume and a network, one reservation per line, for `replay.file`. Run from
// the root of the sources.
#include <fstream>
#include <iostream>
#include <iterator>
#include <variant>

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

} // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !public_key_of_node_id(argv[1])) {
    std::cerr << "usage: package_wishes NODE_ID\n";
    return 2;
  }
  for (const auto& wish : {a_volume(argv[1]), a_network(argv[1])})
    std::cout << json::write(wish).value() << '\n';
}
