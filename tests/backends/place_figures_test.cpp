// Figures for docs/volumes.md and docs/networks.md; not run with the rest.
#include "tests/backends/figures.hpp"

#include <fstream>

#include "backends/host/btrfs_volume_backend.hpp"
#include "tests/backends/network_host.hpp"
#include "tests/backends/scratch_pool.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace provision;
using namespace provision::test;

namespace place_figures_test {
namespace {

/// A volume by the tools alone, durable. $1 the pool, $2 a number.
constexpr auto volume_by_hand = R"(
btrfs qgroup create 1/77$2 $1
btrfs qgroup limit 1m 1/77$2 $1
btrfs subvolume create -i 1/77$2 $1/hand-$2 >/dev/null
btrfs filesystem sync $1
)";

constexpr auto no_volume_by_hand = R"(
btrfs subvolume delete $1/hand-$2 >/dev/null
btrfs qgroup destroy 1/77$2 $1 2>/dev/null || true
btrfs filesystem sync $1
)";

/// What a network's part is made of, by the tools alone. $1 router's namespace,
/// $2 underlay's, $3 folder with "rules", "tunnel" and the record, $4
/// wireguard-go or nothing.
constexpr auto network_by_hand = R"(
ip netns add $1
ip netns exec $1 sysctl -qw net.ipv4.ip_forward=1
ip -n $1 link set lo up
ip -n $1 link add br0 type bridge
ip -n $1 addr add 10.1.2.1/24 dev br0
ip -n $1 link set br0 up
ip netns exec $1 nft -f $3/rules
make_tunnel $1 $2 "$4"
ip netns exec $1 wg setconf byhand0 $3/tunnel
ip -n $1 link set byhand0 up
ip -n $1 route add 10.1.3.0/24 dev byhand0
echo part >$3/record.new
sync $3/record.new
mv $3/record.new $3/record
sync $3
)";

constexpr auto no_network_by_hand = R"(
ip -n $1 link delete byhand0
while [ -e /var/run/wireguard/byhand0.sock ]; do :; done
ip netns delete $1
rm $3/record
sync $3
)";

} // namespace
} // namespace place_figures_test

BOOST_AUTO_TEST_SUITE(place_figures_test,
                      *boost::unit_test::precondition(figures_are_wanted))

BOOST_AUTO_TEST_CASE(a_volume_costs_little_more_than_the_tools_alone) {
  const scratch_pool scratch;
  const auto backend
    = btrfs_volume_backend::open(
        {.folder = scratch.pool(), .image_bytes = 1024 * mebibyte})
        .value();
  // Another name each time: the kernel lets go of what was removed later.
  int turn = 0;
  const auto by_hand = [&](const std::string& script) {
    by_shell(script, {scratch.pool(), std::to_string(turn)});
  };
  compare(
    "volume",
    {.make = [&] { BOOST_REQUIRE(backend->ensure("200-1", mebibyte)); },
     .remove
     = [&] { BOOST_REQUIRE_EQUAL(why_not(backend->destroy("200-1")), ""); },
     .make_by_hand =
       [&] {
         ++turn;
         by_hand(volume_by_hand);
       },
     .remove_by_hand = [&] { by_hand(no_volume_by_hand); }});
}

BOOST_FIXTURE_TEST_CASE(a_network_costs_little_more_than_the_tools_alone,
                        network_host) {
  const tunnel_keys own;
  const tunnel_keys peer;
  auto part = a_resource(own, "10.1.2.0/24", 41001);
  part.peers = {a_peer(peer.shown, "10.1.3.0/24", "192.0.2.2:41002")};
  const network_order wanted{
    .id = "blue", .user_id = "7", .holder = "104-1", .resource = part};
  const auto backend = open("a").value();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(wanted)), "");
  const scratch_folder hand;
  const auto router = names("a").router;
  std::ofstream{hand.path() + "/rules"}
    << inside(router, tools.nft, {"list", "ruleset"});
  std::ofstream{hand.path() + "/tunnel"}
    << inside(router, tools.wg, {"showconf", names("a").tunnel});
  BOOST_REQUIRE_EQUAL(why_not(backend->destroy("blue", "104-1")), "");
  const std::vector<std::string> places{"by-hand", underlay("a"), hand.path(),
                                        tools.wireguard_go};
  compare(
    "network",
    {.make = [&] { BOOST_REQUIRE_EQUAL(why_not(backend->ensure(wanted)), ""); },
     .remove =
       [&] {
         BOOST_REQUIRE_EQUAL(why_not(backend->destroy("blue", "104-1")), "");
       },
     .make_by_hand =
       [&] {
         by_shell(std::string{shell_of_tunnels} + network_by_hand, places);
       },
     .remove_by_hand = [&] { by_shell(no_network_by_hand, places); }});
}

BOOST_AUTO_TEST_SUITE_END()
