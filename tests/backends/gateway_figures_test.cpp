// Figures for docs/gateways.md; not run with the rest.
#include "tests/backends/figures.hpp"

#include <fstream>

#include "tests/backends/gateway_host.hpp"
#include "tests/backends/ipv6_gateway_host.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace provision;
using namespace provision::test;

namespace gateway_figures_test {
namespace {

/// $1 a folder, $2 nginx, $3 its module for streams.
constexpr auto shell_of_nginx = R"(
start_nginx() {
  mkdir -p $1/sites $1/names
  cat >$1/conf <<CONF
load_module $3;
worker_processes auto;
pid $1/pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  server { listen 127.0.0.1:8090 default_server; return 444; }
  include $1/sites/*;
}
stream {
  map \$ssl_preread_server_name \$passed_to { default ""; include $1/names/*; }
  server { listen 127.0.0.1:8453; ssl_preread on; proxy_pass \$passed_to; }
}
CONF
  $2 -p $1 -e $1/log -c $1/conf
}
stop_nginx() {
  kill $(cat $1/pid)
  while [ -e $1/pid ]; do :; done
}
# Written durably, judged, taken over: the old workers take nothing on then.
take_over() {
  $2 -t -q -p $1 -e stderr -c $1/conf
  pid=$(cat $1/pid)
  old=$(cat /proc/$pid/task/$pid/children)
  kill -HUP $pid
  for worker in $old; do
    while [ -d /proc/$worker ] && ! grep -q shutting /proc/$worker/cmdline
    do :; done 2>/dev/null
  done
}
add_site() {
  echo "server { listen 127.0.0.1:8090; server_name hand.example.com;
    location / { proxy_pass http://192.0.2.5:80; } }" >$1/site.new
  echo "hand.example.com 192.0.2.5:443;" >$1/name.new
  echo proxy >$1/record
  sync $1/site.new $1/name.new $1/record
  mv $1/site.new $1/sites/hand
  mv $1/name.new $1/names/hand
  sync $1
  take_over "$@"
}
remove_site() {
  rm $1/sites/hand $1/names/hand $1/record
  sync $1
  take_over "$@"
}
)";

/// $1 a folder, $2 named-checkzone or nothing.
constexpr auto shell_of_zones = R"(
put() { # name
  chmod 644 $1.new
  sync $1.new
  mv $1.new $1
}
write_zone() { # folder checkzone
  cat >$1/hand.example.zone.new <<ZONE
\$ORIGIN hand.example.
\$TTL 300
@ IN SOA ns1.example.net. hostmaster.example.net. $(date +%s) 3600 600 86400 300
@ IN NS ns1.example.net.
@ IN NS ns2.example.net.
__owner__ IN TXT "7"
ZONE
  [ -z "$3" ] || echo "a IN A $3" >>$1/hand.example.zone.new
  [ -z "$2" ] || $2 -q -i local hand.example $1/hand.example.zone.new
}
write_lists() {
  echo "zone \"hand.example\" { type master; file \"$1/hand.example.zone\"; };" \
    >$1/zones.bind.new
  printf 'zone:\n  name: hand.example\n  zonefile: hand.example.zone\n' \
    >$1/zones.nsd.new
  put $1/zones.bind
  put $1/zones.nsd
}
# What a crash must not keep the DNS server from being told.
note_change() { : >$1/untold; sync $1/untold; }
add_zone() {
  echo zone >$1/record.new; put $1/record
  write_zone "$@"; note_change "$@"
  put $1/hand.example.zone; write_lists "$@"
  sync $1; rm $1/untold
}
remove_zone() {
  note_change "$@"
  : >$1/zones.bind.new; : >$1/zones.nsd.new
  put $1/zones.bind; put $1/zones.nsd
  rm $1/hand.example.zone
  sync $1; rm $1/untold $1/record; sync $1
}
add_name() {
  echo name >$1/name.new; put $1/name
  write_zone "$@" 192.0.2.5; note_change "$@"
  put $1/hand.example.zone
  sync $1; rm $1/untold
}
remove_name() {
  write_zone "$@"; note_change "$@"
  put $1/hand.example.zone
  sync $1; rm $1/untold $1/name; sync $1
}
)";

/// $1 router's namespace, $2 underlay's, $3 folder with "rules" and "tunnel",
/// $4 wireguard-go or nothing.
constexpr auto shell_of_way = R"(
add_way() {
  ip netns add $1
  ip netns exec $1 nft -f $3/rules
  for switch in all.accept_ra default.accept_ra all.accept_redirects \
      default.accept_redirects; do
    ip netns exec $1 sysctl -qw net.ipv6.conf.$switch=0
  done
  ip netns exec $1 sysctl -qw net.ipv6.conf.all.forwarding=1
  ip -n $2 link add hand0 type veth peer name up0 netns $1
  ip -n $2 link set hand0 addrgenmode none
  ip -n $2 link set hand0 master ext0
  ip -n $2 link set hand0 type bridge_slave guard on
  ip -n $2 link set hand0 up
  ip -n $1 link set lo up
  ip -n $1 address add 2001:db8:1:2::5/64 dev up0 nodad
  ip -n $1 link set up0 up
  ip netns exec $1 sysctl -qw net.ipv6.conf.up0.proxy_ndp=1
  make_tunnel $1 $2 "$4"
  ip netns exec $1 wg setconf byhand0 $3/tunnel
  ip -n $1 link set byhand0 mtu 1420 up
  ip -n $1 route add ::/0 via 2001:db8:1:2::1 dev up0 onlink
}
remove_way() {
  ip -n $1 link delete byhand0
  while [ -e /var/run/wireguard/byhand0.sock ]; do :; done
  ip -n $2 link delete hand0
  ip netns delete $1
}
keep() { echo client >$3/$5.new; sync $3/$5.new; mv $3/$5.new $3/$5; sync $3; }
lead() {
  keep "$@"
  ip -n $1 route add 2001:db8:1:2::$5 dev byhand0
  ip -n $1 neighbor add proxy 2001:db8:1:2::$5 dev up0
}
add_client() {
  # Whom the filter lets out by the tunnel is in it.
  ip netns exec $1 nft -f $3/rules
  ip netns exec $1 wg set byhand0 peer $6 allowed-ips 2001:db8:1:2::$5/128
  lead "$@"
}
remove_client() {
  rm $3/$5; sync $3
  ip netns exec $1 nft -f $3/rules
  ip netns exec $1 wg set byhand0 peer $6 remove
  ip -n $1 route delete 2001:db8:1:2::$5 dev byhand0
  ip -n $1 neighbor delete proxy 2001:db8:1:2::$5 dev up0
}
)";

/// Two ways by a back-end and by these words of a shell.
template <class Backend>
both_ways ways(Backend& backend, const gateway_order& order,
               const std::string& shell, const std::string& make,
               const std::string& remove,
               const std::vector<std::string>& arguments) {
  return {
    .make = [&backend, order] { made(backend.ensure(order)); },
    .remove = [&backend, order] { made(backend.destroy(order.id)); },
    .make_by_hand = [=] { by_shell(shell + make + " \"$@\"", arguments); },
    .remove_by_hand = [=] { by_shell(shell + remove + " \"$@\"", arguments); }};
}

} // namespace
} // namespace gateway_figures_test

BOOST_AUTO_TEST_SUITE(gateway_figures_test,
                      *boost::unit_test::precondition(figures_are_wanted))

BOOST_FIXTURE_TEST_CASE(a_proxy_costs_little_more_than_the_tools_alone,
                        gateway_host) {
  const auto backend = open();
  // Both servers run for another's sake.
  made(backend->ensure(proxy("other.example.com", "109-1")));
  made(backend->ensure(tunnel("another.example.com", "108-1")));
  const scratch_folder hand;
  const std::vector<std::string> places{hand.path(),
                                        found_gateway().tools.nginx,
                                        found_gateway().tools.stream_module};
  by_shell(std::string{shell_of_nginx} + "start_nginx \"$@\"", places);
  compare("proxy", ways(*backend, proxy(), shell_of_nginx, "add_site",
                        "remove_site", places));
  compare("reverse proxy", ways(*backend, tunnel(), shell_of_nginx, "add_site",
                                "remove_site", places));
  by_shell(std::string{shell_of_nginx} + "stop_nginx \"$@\"", places);
}

BOOST_FIXTURE_TEST_CASE(a_zone_costs_little_more_than_the_tools_alone,
                        gateway_host) {
  const auto backend = open();
  const scratch_folder hand;
  const std::vector<std::string> places{hand.path(),
                                        found_gateway().tools.checkzone};
  compare("domain", ways(*backend, delegate(), shell_of_zones, "add_zone",
                         "remove_zone", places));
  made(backend->ensure(delegate()));
  by_shell(std::string{shell_of_zones} + "add_zone \"$@\"", places);
  compare("subdomain", ways(*backend, subdomain(), shell_of_zones, "add_name",
                            "remove_name", places));
}

BOOST_FIXTURE_TEST_CASE(a_way_into_ipv6_costs_little_more_than_the_tools_alone,
                        ipv6_gateway_host) {
  const auto backend = open();
  const tunnel_keys first;
  const tunnel_keys second;
  const auto ensure = [&](const std::string& id, const tunnel_keys& keys) {
    const auto done = backend->ensure({id, keys.shown});
    BOOST_REQUIRE_MESSAGE(done, why(done));
  };
  const auto destroy = [&](const std::string& id) {
    BOOST_REQUIRE_EQUAL(why_not(backend->destroy(id)), "");
  };
  ensure("110-1", first);
  const scratch_folder hand;
  const auto& names = own_names();
  std::ofstream{hand.path() + "/rules"}
    << "flush ruleset\n"
    << inside(names.space, tools.nft, {"list", "ruleset"});
  auto tunnel = inside(names.space, tools.wg, {"showconf", names.tunnel});
  // For a while both are there.
  const auto port = std::to_string(terms().port);
  tunnel.replace(tunnel.find(port), port.size(), "41016");
  std::ofstream{hand.path() + "/tunnel"} << tunnel;
  destroy("110-1");
  const auto by_hand = [&](const std::string& words, const std::string& number,
                           const tunnel_keys& keys) {
    by_shell(std::string{shell_of_tunnels} + shell_of_way + words,
             {"by-hand", underlay("a"), hand.path(), tools.wireguard_go, number,
              keys.shown});
  };
  compare(
    "first client of 4to6",
    {.make = [&] { ensure("110-1", first); },
     .remove = [&] { destroy("110-1"); },
     .make_by_hand
     = [&] { by_hand("add_way \"$@\"; lead \"$@\"", "77", first); },
     .remove_by_hand
     = [&] { by_hand("rm $3/$5; sync $3; remove_way \"$@\"", "77", first); }});
  ensure("110-1", first);
  by_hand("add_way \"$@\"; lead \"$@\"", "77", first);
  compare(
    "another client of 4to6",
    {.make = [&] { ensure("111-1", second); },
     .remove = [&] { destroy("111-1"); },
     .make_by_hand = [&] { by_hand("add_client \"$@\"", "78", second); },
     .remove_by_hand = [&] { by_hand("remove_client \"$@\"", "78", second); }});
  by_hand("remove_way \"$@\"", "77", first);
}

BOOST_AUTO_TEST_SUITE_END()
