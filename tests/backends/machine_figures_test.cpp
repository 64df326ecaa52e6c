#include "backends/host/host_machine_backend.hpp"

#include "tests/backends/figures.hpp"
#include "tests/backends/machine_host.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(machine_figures_test,
                      *boost::unit_test::precondition(machines_are_possible))

// Figures for docs/machines.md; not run with the rest.
BOOST_FIXTURE_TEST_CASE(costs_little_more_than_the_tools_alone, machine_host,
                        *boost::unit_test::precondition(figures_are_wanted)) {
  const auto backend = open();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  const auto pool
    = std::filesystem::path{volumes->inspect("200-1").path}.parent_path();
  const auto own = backend->processes().folder_of("200-1");
  const auto spec = shim::read_spec(shim::read_small(own + "/spec")).value();
  const auto hand = folder + "/hand";
  std::filesystem::create_directory(hand);
  // The same command, with files and namespace of its own.
  auto command = std::string{"exec"};
  for (auto word : spec.arguments) {
    for (const auto& [from, to] :
         {std::pair{own + "/run/control", hand + "/control"},
          std::pair{own + "/seed", hand + "/seed"},
          std::pair{pool.string() + "/200-1", pool.string() + "/$name"}})
      if (const auto at = word.find(from); at != std::string::npos)
        word.replace(at, from.size(), to);
    command += " \"" + word + '"';
  }
  BOOST_REQUIRE_EQUAL(why_not(backend->destroy("200-1")), "");
  std::filesystem::create_directory(hand + "/files");
  std::ofstream{hand + "/files/user-data"} << "#cloud-config\n";
  const auto shell = std::string{shell_of_places} + R"(
hand=$1 router=$2 pool=$3 qemu_img=$4 genisoimage=$5 name=$6
)";
  const auto make = shell + R"(
make_space $name $router
ip -n $name link add br1 type bridge
ip -n $name tuntap add tap0 mode tap user root
ip -n $name link set eth0 master br1
ip -n $name link set tap0 master br1 up
ip -n $name link set br1 up
make_volume $name $pool 132M
$qemu_img create -q -f qcow2 $pool/$name/disk 67108864
btrfs filesystem sync $pool
$genisoimage -quiet -V cidata -J -r -o $hand/seed $hand/files
make_groups $name 536870912 200000
(enter_groups $name
 exec ip netns exec $name sh -c 'name=$1; eval "$2"' sh $name ")"
                    + "$7" + R"(" \
   >$hand/log 2>&1 </dev/null & echo $! >$hand/pid)
until [ -S $hand/control ]; do kill -0 $(cat $hand/pid); done
)";
  const auto remove = shell + R"(
kill $(cat $hand/pid)
while kill -0 $(cat $hand/pid) 2>/dev/null; do :; done
rm -f $hand/control
remove_space $name $router
remove_volume $name $pool
remove_groups $name
)";
  int turn = 0;
  std::string name;
  const auto& tools = what_machines_need().tools;
  const auto arguments = [&]() -> std::vector<std::string> {
    return {hand,           names("a").router, pool,
            tools.qemu_img, tools.genisoimage, name,
            command};
  };
  compare(
    "machine",
    {.make
     = [&] { BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), ""); },
     .remove
     = [&] { BOOST_REQUIRE_EQUAL(why_not(backend->destroy("200-1")), ""); },
     .make_by_hand =
       [&] {
         name = "by-hand-" + std::to_string(turn++);
         by_shell(make, arguments());
       },
     .remove_by_hand = [&] { by_shell(remove, arguments()); }},
    11);
}

BOOST_AUTO_TEST_SUITE_END()
