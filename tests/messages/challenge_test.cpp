#include <array>

#include <openssl/sha.h>

#include <boost/test/unit_test.hpp>

#include "messages/documents/document.hpp"
#include "messages/hex.hpp"
#include "tests/messages/golden.hpp"

using namespace provision;
using namespace provision::documents;

BOOST_AUTO_TEST_SUITE(challenge_test)

namespace {

constexpr auto sent = from_unix(1'614'250'000);
constexpr auto stored = from_unix(1'614'250'050);

workload a_document(workload_type type, documents::content content) {
  workload w;
  w.workload_id = 1;
  w.node_id = "FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85";
  w.pool_id = 11;
  w.customer_tid = 7;
  w.epoch = sent;
  w.type = static_cast<std::uint8_t>(type);
  w.content = std::move(content);
  return w;
}

workloads::ip_address ip(std::string_view text) {
  return workloads::parse_ip(text).value();
}

workloads::ip_range range(std::string_view text) {
  return workloads::parse_cidr(text).value();
}

documents::container a_container() {
  documents::container c;
  c.flist = "https://hub.grid.tf/tf-official-apps/ubuntu-bionic-build.flist";
  c.hub_url = "zdb://hub.grid.tf:9900";
  c.environment
    = std::map<std::string, std::string>{{"FOO", "BAR"}, {"A", "b=c"}};
  c.secret_environment = std::map<std::string, std::string>{{"KEY", "00ff"}};
  c.entrypoint = "/sbin/my_init";
  c.volumes = std::vector<container_volume>{{"12-1", "/data"}, {"-2", "/mnt"}};
  c.network_connection
    = std::vector{container_connection{"net1", ip("10.1.2.5"), true, true}};
  c.stats = std::vector{container_stats{"redis", "{}"}};
  c.logs = std::vector{container_logs{"redis", "a", "b", "c", "d"}};
  c.capacity = {2, 2048, 1024, 1};
  return c;
}

documents::kubernetes a_virtual_machine() {
  documents::kubernetes k;
  k.size = 2;
  k.cluster_secret = "00ff11";
  k.network_id = "net1";
  k.ipaddress = ip("10.1.2.6");
  k.master_ips = std::vector{ip("10.1.2.7")};
  k.ssh_keys = std::vector<std::string>{"github:user1"};
  k.public_ip = 42;
  k.disable_default_ingress = true;
  return k;
}

documents::network_resource a_network() {
  documents::network_resource n;
  n.name = "net1";
  n.network_iprange = range("10.1.0.0/16");
  n.wireguard_private_key_encrypted = "deadbeef";
  n.wireguard_public_key = "0t11OkPwUBPe6m6wL6JTVzJHNjjReBJbEcnSZPs+pFo=";
  n.wireguard_listen_port = 6380;
  n.iprange = range("10.1.2.0/24");
  network_peer peer;
  peer.public_key = "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM/C7ZCZX1jLO3Q=";
  peer.endpoint = "[2a02:1802:5e::1]:6380";
  peer.iprange = range("10.1.3.0/24");
  peer.allowed_iprange
    = std::vector{range("10.1.3.0/24"), range("100.64.1.3/32")};
  n.peers = std::vector{peer};
  return n;
}

documents::container a_container_with_a_nameless_address() {
  documents::container c;
  c.network_connection
    = std::vector{container_connection{"n", {}, false, false}};
  return c;
}

/// What the original was given, by the name of the golden case.
std::map<std::string, workload> documents_by_case() {
  using enum workload_type;
  auto volume_document = a_document(volume, documents::volume{10, 1});
  volume_document.description = "my volume";
  volume_document.metadata = "meta";
  return {
    {"volume", volume_document},
    {"zdb", a_document(zdb, documents::zdb{5, 1, "aabbcc", 0, true, {}})},
    {"container", a_document(container, a_container())},
    {"kubernetes", a_document(kubernetes, a_virtual_machine())},
    {"network_resource", a_document(network_resource, a_network())},
    {"public_ip",
     a_document(public_ip, documents::public_ip{range("185.69.166.120/24")})},
    {"proxy", a_document(proxy, documents::proxy{"www.example.com", "10.0.0.1",
                                                 80, 443})},
    {"reverse_proxy",
     a_document(reverse_proxy,
                documents::reverse_proxy{"www.example.com", "00aa"})},
    {"subdomain",
     a_document(subdomain, documents::subdomain{"a.example.com",
                                                std::vector<std::string>{
                                                  "1.2.3.4", "5.6.7.8"}})},
    {"domain_delegate",
     a_document(domain_delegate, documents::domain_delegate{"example.com"})},
    {"gateway4to6",
     a_document(
       gateway4to6,
       documents::gateway4to6{"0t11OkPwUBPe6m6wL6JTVzJHNjjReBJbEcnSZPs+pFo="})},
    {"volume_min", a_document(volume, documents::volume{})},
    {"container_min",
     a_document(container, a_container_with_a_nameless_address())},
    {"kubernetes_min", a_document(kubernetes, documents::kubernetes{})},
    {"network_resource_min",
     a_document(network_resource, documents::network_resource{})},
    {"public_ip_min", a_document(public_ip, documents::public_ip{})},
  };
}

std::string sha256(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest.data());
  return hex::encode(
    {reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace

BOOST_AUTO_TEST_CASE(writes_what_customers_of_the_original_sign) {
  auto documents = documents_by_case();
  auto golden = golden_rows("challenges.txt");
  BOOST_TEST(golden.size() == documents.size());
  for (const auto& [name, expected] : golden) {
    BOOST_TEST_CONTEXT(name) {
      auto text = challenge(documents.at(name));
      BOOST_TEST(text == expected.at("challenge"));
      BOOST_TEST(sha256(text) == expected.at("sha256"));
    }
  }
}

BOOST_AUTO_TEST_CASE(appends_the_word_and_the_signer) {
  auto documents = documents_by_case();
  for (const auto& [name, expected] : golden_rows("challenges.txt")) {
    auto document = documents.at(name);
    document.epoch = stored;
    BOOST_TEST(sha256(challenge(document, "delete", 7))
               == expected.at("delete_sha256"));
    BOOST_TEST(sha256(challenge(document, "provision", 7))
               == expected.at("provision_sha256"));
  }
}

BOOST_AUTO_TEST_CASE(names_the_type_by_its_number_whatever_the_content) {
  documents::container c;
  c.flist = "https://flist.com";
  c.entrypoint = "/sbin/my_init";
  c.environment = std::map<std::string, std::string>{{"hello", "world"}};
  c.volumes = std::vector{container_volume{"12-3", "/data"}};
  c.network_connection
    = std::vector{container_connection{"network1", {}, true, false}};
  c.capacity = {2, 1024, 0, 0};
  auto document = a_document(workload_type::volume, c);
  document.node_id = "node1";
  document.pool_id = 1;
  document.customer_tid = 1;
  document.description = "this is a volume";
  document.metadata = "this is metadata";
  BOOST_TEST(challenge(document)
             == "1node111VOLUME1614250000this is a volumethis is metadata"
                "https://flist.com/sbin/my_initfalsehello=world12-3/data"
                "network1<nil>true210240hdd");
  BOOST_TEST(sha256(challenge(document))
             == "538c86d5ca016fa60a5b33db140053e37cbbf53d3ad46c8173c5212168"
                "5043b7");
  document.content = documents::volume{1, 1};
  BOOST_TEST(challenge(document)
             == "1node111VOLUME1614250000this is a volumethis is metadata"
                "1SSD");
}

BOOST_AUTO_TEST_CASE(tells_no_time_from_the_epoch) {
  workload w;
  w.content = documents::volume{};
  BOOST_TEST(challenge(w) == "000ZDB-621355968000HDD");
  w.type = 2;
  w.epoch = from_unix(0);
  BOOST_TEST(challenge(w) == "000VOLUME00HDD");
}

BOOST_AUTO_TEST_CASE(writes_unknown_numbers_as_unknown) {
  workload w;
  w.type = 99;
  w.content = documents::volume{0, 9};
  BOOST_TEST(challenge(w) == "000UNKNOWN-621355968000UNKNOWN");
  w.type = 0;
  w.content = documents::zdb{0, 9, "", 9, false, std::vector{empty_object{}}};
  BOOST_TEST(challenge(w) == "000ZDB-621355968000UNKNOWNUNKNOWNfalse");
}

BOOST_AUTO_TEST_CASE(joins_the_numbers_of_a_document_into_its_id) {
  auto document = a_document(workload_type::volume, documents::volume{});
  document.id = 100;
  BOOST_TEST(global_id(document) == "100-1");
  document.workload_id = -1;
  BOOST_TEST(global_id(document) == "100--1");
}

BOOST_AUTO_TEST_SUITE_END()
