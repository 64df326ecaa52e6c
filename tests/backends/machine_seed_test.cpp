#include "backends/host/machine_seed.hpp"

#include <boost/test/unit_test.hpp>

#include "messages/base64.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(machine_seed_test)

namespace {

machine_order an_order() {
  return {.id = "7-1",
          .ssh_keys = {"ssh-ed25519 AAAA \"me\"", "github:user1"},
          .files = {{"/etc/a", secret{"one"}}, {"/etc/b", secret{"two"}}}};
}

machine_seed a_seed(const machine_order& order,
                    const std::optional<public_terms>& open = {}) {
  return make_seed(order,
                   {.address = "10.1.2.5/24",
                    .gateway = "10.1.2.1",
                    .range = "10.1.0.0/16",
                    .mtu = 1420},
                   open, {"node", order.id});
}

} // namespace

BOOST_AUTO_TEST_CASE(carries_keys_and_files) {
  BOOST_CHECK_EQUAL(
    a_seed(an_order()).user_data.reveal(),
    "#cloud-config\n"
    R"({"ssh_authorized_keys":["ssh-ed25519 AAAA \"me\""],)"
    R"("ssh_import_id":["gh:user1"],"write_files":[)"
    R"({"path":"/etc/a","permissions":"0600","encoding":"b64","content":")"
      + base64::encode("one")
      + R"("},{"path":"/etc/b","permissions":"0600","encoding":"b64",)"
        R"("content":")"
      + base64::encode("two") + "\"}]}\n");
}

BOOST_AUTO_TEST_CASE(a_machine_without_either_gets_empty_lists) {
  BOOST_CHECK_EQUAL(a_seed({.id = "7-1"}).user_data.reveal(),
                    "#cloud-config\n"
                    R"({"ssh_authorized_keys":[],"ssh_import_id":[],)"
                    R"("write_files":[]})"
                    "\n");
}

BOOST_AUTO_TEST_CASE(tells_who_it_is_and_where) {
  const machine_identity who{"node", "7-1"};
  const auto seed = a_seed(an_order());
  BOOST_CHECK_EQUAL(seed.meta_data, "{\"instance-id\":\"" + who.uuid
                                      + "\",\"local-hostname\":\"7-1\"}\n");
  BOOST_CHECK_EQUAL(
    seed.network_config,
    R"({"version":2,"ethernets":{"eth0":{"match":{"macaddress":")"
      + who.hardware_address
      + R"("},"set-name":"eth0","mtu":1420,"dhcp4":false,)"
        R"("addresses":["10.1.2.5/24"],"gateway4":"10.1.2.1"}}})"
        "\n");
}

BOOST_AUTO_TEST_CASE(two_machines_are_never_the_same) {
  const machine_identity one{"node", "7-1"};
  BOOST_CHECK_EQUAL(one.uuid, (machine_identity{"node", "7-1"}.uuid));
  BOOST_CHECK_EQUAL(one.uuid.size(), 36);
  BOOST_CHECK_EQUAL(one.uuid[14], '5');
  BOOST_CHECK_EQUAL(one.hardware_address.size(), 17);
  for (const auto& other :
       {machine_identity{"node", "7-2"}, machine_identity{"edon", "7-1"}}) {
    BOOST_CHECK_NE(one.uuid, other.uuid);
    BOOST_CHECK_NE(one.hardware_address, other.hardware_address);
  }
}

BOOST_AUTO_TEST_CASE(a_public_card_is_the_way_out) {
  const machine_identity who{"node", "7-1"};
  const auto seed
    = a_seed(an_order(), public_terms{.address = "192.0.2.10/24",
                                      .gateway = "192.0.2.1",
                                      .hardware_address = "b2:ab:2b:63:64:cd",
                                      .mtu = 1500});
  BOOST_CHECK_EQUAL(
    seed.network_config,
    R"({"version":2,"ethernets":{"eth0":{"match":{"macaddress":")"
      + who.hardware_address
      + R"("},"set-name":"eth0","mtu":1420,"dhcp4":false,)"
        R"("addresses":["10.1.2.5/24"],)"
        R"("routes":[{"to":"10.1.0.0/16","via":"10.1.2.1"}]},)"
        R"("eth1":{"match":{"macaddress":"b2:ab:2b:63:64:cd"},)"
        R"("set-name":"eth1","mtu":1500,"dhcp4":false,)"
        R"("addresses":["192.0.2.10/24"],"gateway4":"192.0.2.1"}}})"
        "\n");
}

BOOST_AUTO_TEST_SUITE_END()
