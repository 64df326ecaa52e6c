#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "backends/host/command.hpp"

namespace provision::test {

/// For cases that take figures for docs/ and are not run with the rest.
inline boost::test_tools::assertion_result
figures_are_wanted(boost::unit_test::test_unit_id) {
  return std::getenv("PROVISION_FIGURES") != nullptr;
}

/// Milliseconds that `what` takes.
inline double duration_of(const std::function<void()>& what) {
  const auto begin = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double, std::milli>(
           std::chrono::steady_clock::now() - begin)
    .count();
}

inline double median(std::vector<double> all) {
  std::ranges::sort(all);
  return all.at(all.size() / 2);
}

/// Two ways to make something and to take it away again.
struct both_ways {
  std::function<void()> make = {};
  std::function<void()> remove = {};
  std::function<void()> make_by_hand = {};
  std::function<void()> remove_by_hand = {};
};

/// Says what they cost, in turns, so that the host's moods hit both.
inline void compare(const std::string& what, const both_ways& ways,
                    int times = 21) {
  std::vector<double> made;
  std::vector<double> removed;
  std::vector<double> made_by_hand;
  std::vector<double> removed_by_hand;
  for (int i = 0; i < times; ++i) {
    made.push_back(duration_of(ways.make));
    removed.push_back(duration_of(ways.remove));
    made_by_hand.push_back(duration_of(ways.make_by_hand));
    removed_by_hand.push_back(duration_of(ways.remove_by_hand));
  }
  std::cout << what << ": make " << median(made) << " ms, by hand "
            << median(made_by_hand) << " ms; remove " << median(removed)
            << " ms, by hand " << median(removed_by_hand) << " ms\n";
}

/// Runs a script with these arguments, $1 and so on.
inline void by_shell(const std::string& script,
                     std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"-ec", script, "sh"});
  const auto done = run({.program = "/bin/sh",
                         .arguments = std::move(arguments),
                         .deadline = std::chrono::seconds{60}});
  BOOST_REQUIRE_MESSAGE(done, (done ? "" : to_string(done.error())));
}

/// Shell that makes by the tools alone what a workload is put into: a namespace
/// with a cable to a router's bridge, a limited subvolume of btrfs, control
/// groups. Each waits until what it removes is gone.
constexpr auto shell_of_places = R"(
group=provision-by-hand
make_space() { # name router
  ip netns add $1
  ip link add hand0 netns $2 type veth peer name eth0 netns $1
  ip -n $2 link set hand0 master br0 up
  ip -n $1 addr add 10.1.2.77/24 dev eth0
  ip -n $1 link set lo up
  ip -n $1 link set eth0 up
  ip -n $1 route add default via 10.1.2.1
}
remove_space() { # name router
  ip -n $2 link delete hand0
  ip netns delete $1
}
make_volume() { # name pool size
  btrfs qgroup create 1/77${1##*-} $2
  btrfs subvolume create -i 1/77${1##*-} $2/$1 >/dev/null
  btrfs qgroup limit $3 1/77${1##*-} $2
}
remove_volume() { # name pool
  btrfs subvolume delete $2/$1 >/dev/null
  btrfs filesystem sync $2
  btrfs subvolume sync $2 >/dev/null
  # The kernel lets go of it later.
  btrfs qgroup destroy 1/77${1##*-} $2 2>/dev/null || true
}
make_groups() { # name memory quota
  for kind in memory cpu pids; do
    mkdir -p /sys/fs/cgroup/$kind/$group/$1
  done
  echo $2 > /sys/fs/cgroup/memory/$group/$1/memory.limit_in_bytes
  echo $3 > /sys/fs/cgroup/cpu/$group/$1/cpu.cfs_quota_us
  echo 4096 > /sys/fs/cgroup/pids/$group/$1/pids.max
}
enter_groups() { # name
  for kind in memory cpu pids; do
    echo $$ > /sys/fs/cgroup/$kind/$group/$1/cgroup.procs
  done
}
remove_groups() { # name
  for kind in memory cpu pids; do
    while [ -d /sys/fs/cgroup/$kind/$group/$1 ]; do
      rmdir /sys/fs/cgroup/$kind/$group/$1 2>/dev/null || true
    done
    rmdir /sys/fs/cgroup/$kind/$group
  done
}
)";

/// The same for a tunnel: byhand0 in a router, made where its packets travel.
constexpr auto shell_of_tunnels = R"(
make_tunnel() { # router underlay wireguard-go or nothing
  if [ -n "$3" ]; then
    ip netns exec $2 setsid $3 -f byhand0 </dev/null >/dev/null 2>&1 &
    until [ -e /var/run/wireguard/byhand0.sock ]; do :; done
    ip -n $2 link set byhand0 netns $1
  else
    ip -n $2 link add byhand0 type wireguard
    ip -n $2 link set byhand0 netns $1
  fi
}
)";

} // namespace provision::test
