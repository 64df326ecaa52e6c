#include "messages/converter.hpp"

#include <map>

#include <boost/test/unit_test.hpp>

#include "messages/json/gateway.hpp"
#include "messages/json/json.hpp"
#include "tests/messages/golden.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(converter_test)

namespace {

using workloads::disk_type;

documents::workload a_document(workload_type type, documents::content content) {
  documents::workload w;
  w.id = 102;
  w.workload_id = 1;
  w.customer_tid = 7;
  w.node_id = "node1";
  w.type = static_cast<std::uint8_t>(type);
  w.content = std::move(content);
  return w;
}

template <class T>
T converted(const documents::workload& w) {
  return std::get<T>(to_reservation(w).value().workload);
}

error refusal(const documents::workload& w) {
  auto r = to_reservation(w);
  return r ? error{} : r.error();
}

workloads::ip_range range(std::string_view text) {
  return workloads::parse_cidr(text).value();
}

/// Endpoint and type of a statistics entry after the conversion.
workloads::container_stats converted_stats(std::string type, std::string data) {
  documents::container c;
  c.stats
    = std::vector{documents::container_stats{std::move(type), std::move(data)}};
  return converted<workloads::container>(
           a_document(workload_type::container, c))
    .stats.at(0);
}

const std::string gateway_types[]{"proxy", "reverse_proxy", "subdomain",
                                  "domain_delegate", "gateway4to6"};

/// The all-zero documents whose conversion the original recorded.
documents::workload an_empty_document(std::int64_t id, workload_type type,
                                      documents::content content) {
  auto w = a_document(type, std::move(content));
  w.id = id;
  w.node_id = "FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85";
  w.epoch = from_unix(1'614'250'050);
  w.version = 2;
  w.result.epoch = from_unix(0);
  auto name = std::string{to_string(type)} + "_min";
  w.customer_signature
    = golden_rows("challenges.txt")[name]["customer_signature"];
  return w;
}

} // namespace

BOOST_AUTO_TEST_CASE(converts_documents_as_the_original_does) {
  for (std::string type : {"volume", "zdb", "container", "kubernetes",
                           "network_resource", "public_ip"}) {
    BOOST_TEST_CONTEXT(type) {
      auto text = golden_text("documents/" + type + ".json");
      auto document = json::read_document(text).value();
      auto r = to_reservation(document).value();
      BOOST_TEST(json::write(r).value()
                 == golden_text("reservations/" + type + ".json"));
    }
  }
}

BOOST_AUTO_TEST_CASE(converts_empty_documents_as_the_original_does) {
  documents::container c;
  c.network_connection
    = std::vector{documents::container_connection{"n", {}, false, false}};
  using enum workload_type;
  const documents::workload empty[]{
    an_empty_document(112, container, c),
    an_empty_document(114, network_resource, documents::network_resource{}),
    an_empty_document(115, public_ip, documents::public_ip{})};
  for (const auto& document : empty) {
    auto r = to_reservation(document).value();
    BOOST_TEST(json::write(r).value()
               == golden_text("reservations/" + r.type.name + "_min.json"));
  }
}

BOOST_AUTO_TEST_CASE(gives_gateway_types_the_data_of_the_originals_gateway) {
  const std::map<std::string, std::string> expected{
    {"proxy", R"({"domain":"www.example.com","addr":"10.0.0.1","port":80,)"
              R"("port_tls":443})"},
    {"reverse_proxy", R"({"domain":"www.example.com","secret":"00aa"})"},
    {"subdomain",
     R"({"domain":"a.example.com","destination":["1.2.3.4","5.6.7.8"]})"},
    {"domain_delegate", R"({"domain":"example.com"})"},
    {"gateway4to6",
     R"({"public_key":"0t11OkPwUBPe6m6wL6JTVzJHNjjReBJbEcnSZPs+pFo="})"}};
  for (const auto& type : gateway_types) {
    auto text = golden_text("documents/" + type + ".json");
    auto r = to_reservation(json::read_document(text).value()).value();
    BOOST_TEST(r.type.name == type);
    BOOST_TEST(r.data == expected.at(type));
    BOOST_TEST(r.node_id.empty());
    BOOST_CHECK(std::holds_alternative<std::monostate>(r.workload));
    // And back.
    const auto read = json::read_gateway(r.type, r.data);
    BOOST_REQUIRE(read);
    BOOST_TEST(json::write(*read) == r.data);
  }
}

BOOST_AUTO_TEST_CASE(names_the_field_of_a_gateway_that_does_not_fit) {
  const auto wrong
    = json::read_gateway(reservation_types::proxy, R"({"port":-1})");
  BOOST_REQUIRE(!wrong);
  BOOST_CHECK(wrong.error().code == errc::malformed_input);
  BOOST_TEST(wrong.error().message.starts_with("port: "));
  BOOST_CHECK(json::read_gateway(reservation_types::volume, "{}").error().code
              == errc::unknown_workload_type);
  BOOST_CHECK(!json::read_gateway(reservation_types::proxy, ""));
}

BOOST_AUTO_TEST_CASE(takes_over_the_common_fields) {
  auto w = a_document(workload_type::volume, documents::volume{10, 1});
  w.reference = "5-2";
  w.customer_tid = -3;
  w.customer_signature = "abcd";
  w.epoch = {5, 7};
  w.version = 2;
  auto r = to_reservation(w).value();
  BOOST_TEST(r.id == "102-1");
  BOOST_TEST(r.node_id == "node1");
  BOOST_TEST(r.user_id == "-3");
  BOOST_TEST(r.reference == "5-2");
  BOOST_TEST(r.signature == "abcd");
  BOOST_TEST(r.version == 2);
  BOOST_CHECK(r.created == (timestamp{5, 7}));
  BOOST_CHECK(r.duration == std::chrono::nanoseconds::max());
}

BOOST_AUTO_TEST_CASE(deletes_only_for_two_actions) {
  auto w = a_document(workload_type::volume, documents::volume{10, 1});
  for (std::uint8_t action = 0; action < 9; ++action) {
    w.next_action = documents::next_action{action};
    BOOST_TEST(to_reservation(w).value().to_delete
               == (action == 4 || action == 6));
  }
}

BOOST_AUTO_TEST_CASE(takes_over_the_result_under_its_category) {
  auto w = a_document(workload_type::volume, documents::volume{10, 1});
  BOOST_CHECK(to_reservation(w).value().result.type == reservation_types::zdb);
  BOOST_TEST(to_reservation(w).value().result.is_nil());
  w.result = {.category = 10,
              .workload_id = "102-1",
              .data_json = R"({"a":1})",
              .signature = "ab",
              .state = state_deleted,
              .message = "failed",
              .epoch = from_unix(5),
              .node_id = "node1"};
  result expected{.type = reservation_types::network_resource,
                  .id = "102-1",
                  .created = from_unix(5),
                  .state = state_deleted,
                  .error = "failed",
                  .data = R"({"a":1})",
                  .signature = "ab"};
  BOOST_CHECK(to_reservation(w).value().result == expected);
}

BOOST_AUTO_TEST_CASE(converts_a_container) {
  documents::container c;
  c.flist = "https://hub.grid.tf/tf-official-apps/ubuntu-bionic-build.flist";
  c.hub_url = "zdb://hub.grid.tf:9900";
  c.environment = std::map<std::string, std::string>{{"FOO", "BAR"}};
  c.entrypoint = "/sbin/my_init";
  c.capacity = {2, 1024, 1024, 1};
  auto document = a_document(workload_type::container, c);
  workloads::container expected{
    .flist = c.flist,
    .flist_storage = c.hub_url,
    .env = c.environment,
    .entrypoint = c.entrypoint,
    .capacity = {2, 1024, disk_type::ssd, 1024},
  };
  BOOST_CHECK(converted<workloads::container>(document) == expected);

  c.volumes = std::vector<documents::container_volume>{{"-volume1", "/mnt"},
                                                       {"volume2", "/data"}};
  auto address = workloads::parse_ip("10.0.0.1").value();
  c.network_connection = std::vector<documents::container_connection>{
    {"net1", address, false, false}, {"net2", {}, true, true}};
  document.content = c;
  expected.mounts = {{"102-volume1", "/mnt"}, {"volume2", "/data"}};
  expected.network = {.network_id = "net1", .ips = std::vector{address}};
  BOOST_CHECK(converted<workloads::container>(document) == expected);
}

BOOST_AUTO_TEST_CASE(keeps_logs_of_any_type) {
  documents::container c;
  c.logs
    = std::vector{documents::container_logs{"syslog", "a", "b", "00", "11"}};
  auto document = a_document(workload_type::container, c);
  auto logs = converted<workloads::container>(document).logs;
  BOOST_REQUIRE(logs.size() == 1);
  BOOST_CHECK(logs[0]
              == (workloads::container_logs{"syslog", "a", "b", "00", "11"}));
}

BOOST_AUTO_TEST_CASE(knows_statistics_for_redis_only) {
  using stats = workloads::container_stats;
  const stats unknown{"unknown", ""};
  BOOST_CHECK(converted_stats("redis", R"({"endpoint":"redis://x:1/s"})")
              == (stats{"redis", "redis://x:1/s"}));
  BOOST_CHECK(converted_stats("redis", R"({"other":1})")
              == (stats{"redis", ""}));
  BOOST_CHECK(converted_stats("redis", "null") == (stats{"redis", ""}));
  BOOST_CHECK(converted_stats("redis", "[]") == unknown);
  BOOST_CHECK(converted_stats("redis", R"({"endpoint":5})") == unknown);
  BOOST_CHECK(converted_stats("redis", "") == unknown);
  BOOST_CHECK(converted_stats("prometheus", R"({"endpoint":"x"})") == unknown);
}

BOOST_AUTO_TEST_CASE(converts_disks_and_modes) {
  using workloads::zdb_mode;
  for (std::uint8_t disk : {0, 1}) {
    BOOST_CHECK(converted<workloads::volume>(a_document(
                  workload_type::volume, documents::volume{10, disk}))
                == (workloads::volume{10, disk_type{disk}}));
    for (std::uint8_t mode : {0, 1})
      BOOST_CHECK(converted<workloads::zdb>(a_document(
                    workload_type::zdb,
                    documents::zdb{10, mode, "supersecret", disk, true, {}}))
                  == (workloads::zdb{10, zdb_mode{mode}, "supersecret",
                                     disk_type{disk}, true}));
  }
}

BOOST_AUTO_TEST_CASE(refuses_unknown_disks_and_modes) {
  documents::container c;
  c.capacity.disk_type = 2;
  using enum workload_type;
  const std::pair<documents::workload, std::string> cases[]{
    {a_document(volume, documents::volume{10, 2}),
     "disk type UNKNOWN not supported"},
    {a_document(zdb, documents::zdb{.size = 1, .disk_type = 9}),
     "device type UNKNOWN not supported"},
    {a_document(zdb, documents::zdb{.size = 1, .mode = 2}),
     "0-db mode UNKNOWN not supported"},
    {a_document(container, c), "unknown disk type: UNKNOWN"},
  };
  for (const auto& [document, message] : cases) {
    BOOST_CHECK(refusal(document).code == errc::malformed_input);
    BOOST_TEST(refusal(document).message == message);
  }
}

BOOST_AUTO_TEST_CASE(wraps_numbers_that_do_not_fit) {
  using enum workload_type;
  BOOST_TEST(
    converted<workloads::volume>(a_document(volume, documents::volume{-1, 1}))
      .size
    == 18'446'744'073'709'551'615U);
  documents::kubernetes vm;
  vm.size = 258;
  BOOST_TEST(converted<workloads::kubernetes>(a_document(kubernetes, vm)).size
             == 2);
  documents::network_resource net;
  net.wireguard_listen_port = 65537;
  BOOST_TEST(
    converted<workloads::network_resource>(a_document(network_resource, net))
      .wg_listen_port
    == 1);
  documents::container c;
  c.capacity.cpu = -1;
  c.capacity.memory = -1;
  auto capacity
    = converted<workloads::container>(a_document(container, c)).capacity;
  BOOST_TEST(capacity.cpu == 18'446'744'073'709'551'615U);
  BOOST_TEST(capacity.memory == 18'446'744'073'709'551'615U);
}

BOOST_AUTO_TEST_CASE(converts_a_network) {
  documents::network_resource net;
  net.name = "net1";
  net.network_iprange = range("192.168.0.0/16");
  net.wireguard_private_key_encrypted = "6C6C6568726F776FA646C";
  net.wireguard_public_key = "0t11OkPwUBPe6m6wL6JTVzJHNjjReBJbEcnSZPs+pFo=";
  net.wireguard_listen_port = 6380;
  net.iprange = range("192.168.1.0/24");
  documents::network_peer peer;
  peer.public_key = net.wireguard_public_key;
  peer.endpoint = "192.168.1.1";
  peer.allowed_iprange
    = std::vector{range("192.168.1.0/24"), range("172.20.0.0/16")};
  net.peers = std::vector{peer};
  auto document = a_document(workload_type::network_resource, net);
  workloads::network_resource expected{
    .name = "net1",
    .net_id = "net1",
    .network_range = net.network_iprange,
    .node_id = "node1",
    .subnet = net.iprange,
    .wg_private_key = net.wireguard_private_key_encrypted,
    .wg_public_key = net.wireguard_public_key,
    .wg_listen_port = 6380,
    .peers = {{{}, peer.public_key, *peer.allowed_iprange, "192.168.1.1"}}};
  BOOST_CHECK(converted<workloads::network_resource>(document) == expected);
  BOOST_TEST(to_reservation(document).value().node_id.empty());
}

BOOST_AUTO_TEST_CASE(keeps_absent_lists_of_a_virtual_machine_absent) {
  documents::kubernetes vm;
  auto document = a_document(workload_type::kubernetes, vm);
  BOOST_TEST(!converted<workloads::kubernetes>(document).ssh_keys);
  BOOST_TEST(!converted<workloads::kubernetes>(document).master_ips);
  vm.ssh_keys.emplace();
  vm.master_ips.emplace();
  document.content = vm;
  BOOST_TEST(!!converted<workloads::kubernetes>(document).ssh_keys);
  BOOST_TEST(!!converted<workloads::kubernetes>(document).master_ips);
}

BOOST_AUTO_TEST_CASE(reports_results_under_their_category) {
  const std::pair<std::string, int> cases[]{
    {"volume", 2},     {"zdb", 0},     {"container", 1},
    {"kubernetes", 4}, {"network", 3}, {"network_resource", 3},
    {"public_ip", 11}};
  for (const auto& [type, category] : cases) {
    result r{.type = {type},
             .id = "1-1",
             .created = from_unix(1'614'250'061),
             .state = state_deleted,
             .error = "e",
             .data = R"({"a":1})",
             .signature = "ab"};
    documents::workload_result expected{.category
                                        = static_cast<std::uint8_t>(category),
                                        .workload_id = "1-1",
                                        .data_json = R"({"a":1})",
                                        .signature = "ab",
                                        .state = state_deleted,
                                        .message = "e",
                                        .epoch = from_unix(1'614'250'061),
                                        .node_id = ""};
    BOOST_CHECK(to_document(r).value() == expected);
  }
}

BOOST_AUTO_TEST_CASE(reports_no_results_of_types_that_the_explorer_lacks) {
  for (std::string type : {"debug", "UNKNOWN", ""}) {
    result r;
    r.type = {type};
    auto refused = to_document(r);
    BOOST_REQUIRE(!refused);
    BOOST_CHECK(refused.error().code == errc::unknown_workload_type);
    BOOST_TEST(refused.error().message == "unknown reservation type: " + type);
  }
}

BOOST_AUTO_TEST_SUITE_END()
