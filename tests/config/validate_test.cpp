#include <boost/test/unit_test.hpp>

#include "config/node_config.hpp"

using namespace provision;
using namespace provision::config;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(validate_test)

namespace {

/// Settings that keep every rule.
node_config good() {
  node_config settings;
  settings.explorer.url = "https://explorer.example";
  return settings;
}

/// The message of the broken rule; the test fails if none is broken.
std::string broken_rule(const node_config& settings) {
  const auto failure = validate(settings);
  BOOST_REQUIRE(failure);
  BOOST_CHECK(failure.code == errc::invalid_configuration);
  return failure.message;
}

} // namespace

BOOST_AUTO_TEST_CASE(accepts_defaults_with_either_source) {
  BOOST_CHECK(!validate(good()));
  node_config replayed;
  replayed.replay.file = "-";
  BOOST_CHECK(!validate(replayed));
}

BOOST_AUTO_TEST_CASE(demands_a_source) {
  const auto text = broken_rule({});
  BOOST_CHECK(text.starts_with("explorer.url: "));
  BOOST_CHECK(text.find("replay.file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(
  demands_that_a_first_pause_is_not_longer_than_the_longest) {
  auto settings = good();
  settings.explorer.retry_delay = 20s;
  BOOST_CHECK_EQUAL(broken_rule(settings),
                    "explorer.retry_delay: 20s is longer than "
                    "explorer.retry_delay_max, 15s");
  settings = good();
  settings.engine.removal_retry_delay = 10min;
  BOOST_CHECK(
    broken_rule(settings).starts_with("engine.removal_retry_delay: "));
  settings.engine.removal_retry_delay_max = 10min;
  BOOST_CHECK(!validate(settings));
}

BOOST_AUTO_TEST_CASE(demands_absolute_paths) {
  auto settings = good();
  settings.node.data_dir = "here";
  BOOST_CHECK_EQUAL(broken_rule(settings),
                    "node.data_dir: \"here\" is not an absolute path (allowed: "
                    "an absolute path)");
  settings.node.data_dir.clear();
  BOOST_CHECK(broken_rule(settings).starts_with("node.data_dir: it is empty"));
  settings = good();
  settings.volumes.pool = "pool";
  BOOST_CHECK(broken_rule(settings).starts_with("volumes.pool: "));
}

BOOST_AUTO_TEST_CASE(demands_an_address_that_owners_of_namespaces_can_use) {
  auto settings = good();
  for (const auto* usable : {"", "192.0.2.1:9900", "[2001:db8::1]:65534"}) {
    settings.zdb.listen = usable;
    BOOST_CHECK(!validate(settings));
  }
  for (const auto* useless :
       {"0.0.0.0:9900", "[::]:9900", "192.0.2.1:65535", "192.0.2.1:0"}) {
    settings.zdb.listen = useless;
    BOOST_CHECK(broken_rule(settings).starts_with("zdb.listen: "));
  }
}

BOOST_AUTO_TEST_CASE(demands_http_or_https) {
  auto settings = good();
  settings.explorer.url = "unix:///run/explorer";
  BOOST_CHECK(broken_rule(settings).starts_with("explorer.url: "));
}

BOOST_AUTO_TEST_CASE(refuses_a_ca_file_without_https) {
  auto settings = good();
  settings.explorer.ca_file = "/etc/ssl/explorer.pem";
  BOOST_CHECK(!validate(settings));
  settings.explorer.url = "http://explorer.example";
  BOOST_CHECK(broken_rule(settings).starts_with("explorer.ca_file: "));
}

BOOST_AUTO_TEST_CASE(checks_ranges_of_settings_that_no_file_has_seen) {
  auto settings = good();
  settings.engine.queue_max = 0;
  BOOST_CHECK_EQUAL(broken_rule(settings),
                    "engine.queue_max: 0 is too small (allowed: 1 to 1048576)");
  settings = good();
  settings.explorer.poll_interval = -1ms;
  BOOST_CHECK(broken_rule(settings).starts_with("explorer.poll_interval: "));
  settings = good();
  settings.volumes.technique = "zfs";
  BOOST_CHECK(broken_rule(settings).starts_with("volumes.technique: "));
  settings = good();
  settings.capacity.mru = ~0ULL;
  BOOST_CHECK(broken_rule(settings).starts_with("capacity.mru: "));
}

BOOST_AUTO_TEST_CASE(zones_need_name_servers_that_users_cannot_take) {
  auto settings = good();
  auto& gateway = settings.gateway;
  gateway.zone_folder = "/var/lib/zones";
  BOOST_CHECK_EQUAL(broken_rule(settings),
                    "gateway.name_servers: is needed with gateway.zone_folder");
  gateway.name_servers = {"ns1.example.net"};
  BOOST_CHECK(!validate(settings));
  gateway.domains = {"example.net"};
  BOOST_CHECK(broken_rule(settings).starts_with(
    "gateway.name_servers: ns1.example.net is in example.net"));
  gateway.domains = {"gateway.example"};
  BOOST_CHECK(!validate(settings));
  gateway.zone_folder.clear();
  BOOST_CHECK(
    broken_rule(settings).starts_with("gateway.domains: have no effect"));
  for (const std::string useless :
       {"Gateway.example", "gateway.example.", "gateway", "a.example; }"}) {
    gateway.domains = {useless};
    BOOST_CHECK(broken_rule(settings).starts_with("gateway.domains: "));
  }
  gateway.domains = {"a.example", "a.example"};
  BOOST_CHECK(broken_rule(settings).find("stands there twice")
              != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_gateways_doors_and_commands_are_checked) {
  auto settings = good();
  auto& gateway = settings.gateway;
  gateway.http_listen = "192.0.2.1:80";
  gateway.tls_listen = "192.0.2.1:443";
  gateway.zone_reload = {"/usr/sbin/rndc", "reconfig"};
  BOOST_CHECK(!validate(settings));
  gateway.zone_reload = {"rndc", "reconfig"};
  BOOST_CHECK(broken_rule(settings).find("\"rndc\" is not an absolute path")
              != std::string::npos);
  gateway.zone_reload = {"/usr/sbin/rndc", "re\nload"};
  BOOST_CHECK(broken_rule(settings).find("holds a control character")
              != std::string::npos);
  gateway.zone_reload.clear();
  gateway.tls_listen = gateway.http_listen;
  BOOST_CHECK(broken_rule(settings).starts_with("gateway.tls_listen: "));
}

BOOST_AUTO_TEST_CASE(a_way_into_ipv6_is_whole_or_not_there) {
  auto settings = good();
  auto& gateway = settings.gateway;
  gateway.ipv6_bridge = "br-ext";
  BOOST_CHECK_EQUAL(broken_rule(settings),
                    "gateway.ipv6_address: is needed with gateway.ipv6_bridge");
  gateway.ipv6_address = "2001:db8:1:2::5";
  BOOST_CHECK(broken_rule(settings).find("the length of its network")
              != std::string::npos);
  gateway.ipv6_address = "2001:db8:1:2::5/64";
  BOOST_CHECK_EQUAL(broken_rule(settings),
                    "gateway.ipv6_router: is needed with gateway.ipv6_bridge");
  gateway.ipv6_router = "192.0.2.1";
  BOOST_CHECK(broken_rule(settings).find("is no IPv6 address")
              != std::string::npos);
  gateway.ipv6_router = "fe80::1";
  gateway.ipv6_network = "2001:db8:1:2::/64";
  BOOST_CHECK_EQUAL(
    broken_rule(settings),
    "gateway.ipv6_endpoint: is needed with gateway.ipv6_bridge");
  gateway.ipv6_endpoint = "192.0.2.1:0";
  BOOST_CHECK(broken_rule(settings).starts_with("gateway.ipv6_endpoint: "));
  gateway.ipv6_endpoint = "192.0.2.1:51820";
  BOOST_CHECK(!validate(settings));
  gateway.ipv6_bridge.clear();
  BOOST_CHECK_EQUAL(
    broken_rule(settings),
    "gateway.ipv6_address: has no effect without gateway.ipv6_bridge");
}

BOOST_AUTO_TEST_CASE(a_public_bridge_needs_a_gateway) {
  auto settings = good();
  settings.public_addresses.bridge = "br-pub";
  BOOST_CHECK_EQUAL(broken_rule(settings),
                    "public.gateway: is needed with public.bridge");
  settings.public_addresses.gateway = "2001:db8::1";
  BOOST_CHECK(broken_rule(settings).find("is no IPv4 address")
              != std::string::npos);
  settings.public_addresses.gateway = "192.0.2.1";
  BOOST_CHECK(!validate(settings));
  settings.public_addresses.ipv6_network = "2001:db8::/48";
  BOOST_CHECK(broken_rule(settings).find("is no IPv6 network of /64")
              != std::string::npos);
}

namespace {

/// Volumes and namespaces are served elsewhere.
node_config with_workers_elsewhere() {
  auto settings = good();
  settings.workers = {.volume = "storage.example:7443",
                      .zdb = "storage.example:7444",
                      .certificate = "/c",
                      .key = "/k",
                      .authority = "/a"};
  settings.capacity.sru = 100;
  return settings;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_type_with_a_worker_can_be_isolated_beside_another) {
  auto settings = good();
  for (const auto type : isolatable_types)
    settings.provisioners.isolate.emplace_back(type);
  BOOST_CHECK(!validate(settings));
}

BOOST_AUTO_TEST_CASE(a_type_has_one_worker_here_or_elsewhere) {
  auto settings = with_workers_elsewhere();
  settings.provisioners.isolate = {"container"};
  BOOST_CHECK(!validate(settings));
  settings.provisioners.isolate = {"zdb"};
  BOOST_CHECK(broken_rule(settings).starts_with(
    "workers.zdb: provisioners.isolate lets a worker of this host serve zdb"));
  settings.provisioners.isolate = {"volume"};
  BOOST_CHECK(broken_rule(settings).starts_with("workers.volume: "));
}

BOOST_AUTO_TEST_CASE(a_worker_elsewhere_needs_what_only_the_operator_knows) {
  auto settings = with_workers_elsewhere();
  settings.capacity.sru = 0;
  BOOST_CHECK(broken_rule(settings).starts_with("capacity.sru: "));
  // A disk that turns is counted as such.
  settings.volumes.disk = "hdd";
  BOOST_CHECK(broken_rule(settings).starts_with("capacity.hru: "));
  settings.capacity.hru = 100;
  BOOST_CHECK(!validate(settings));
  settings.zdb.listen = "192.0.2.1:9900";
  BOOST_CHECK(broken_rule(settings).starts_with("zdb.listen: "));
  settings.zdb.listen.clear();
  settings.workers.key.clear();
  BOOST_CHECK(broken_rule(settings).starts_with("workers.key: "));
}

BOOST_AUTO_TEST_SUITE_END()
