#include <chrono>
#include <fstream>

#include "tests/backends/container_under_test.hpp"
#include "tests/backends/figures.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(container_figures_test,
                      *boost::unit_test::precondition(containers_are_possible))

namespace {

/// The same container by the tools alone: $1 a bundle for crun, $2 the image,
/// $3 the router's namespace, $4 the pool, $5 a name.
const auto make_by_hand = std::string{shell_of_places} + R"(
bundle=$1 image=$2 router=$3 pool=$4 name=$5
make_space $name $router
make_volume $name $pool 64M
mkdir $pool/$name/upper $pool/$name/work
chown 100000:100000 $pool/$name/upper
btrfs filesystem sync $pool
make_groups $name 67108864 100000
unshare -m sh -c "
  for kind in memory cpu pids; do
    echo \$\$ > /sys/fs/cgroup/\$kind/$group/$name/cgroup.procs
  done
  umount /sys/fs/cgroup/unified
  mount -t overlay -o lowerdir=$image,upperdir=$pool/$name/upper,workdir=$pool/$name/work overlay /mnt
  exec crun --root $bundle/state --cgroup-manager=disabled run --detach --bundle $bundle $name" <$bundle/config.json >$bundle/out 2>&1
)";
const auto remove_by_hand = std::string{shell_of_places} + R"(
bundle=$1 image=$2 router=$3 pool=$4 name=$5
crun --root $bundle/state --cgroup-manager=disabled delete --force $name
remove_space $name $router
remove_volume $name $pool
remove_groups $name
)";

} // namespace

// Figures for docs/containers.md; not run with the rest.
BOOST_FIXTURE_TEST_CASE(costs_little_more_than_the_tools_alone,
                        container_fixture,
                        *boost::unit_test::precondition(figures_are_wanted)) {
  const auto all = open();
  const auto wanted = order("trap 'exit 0' TERM; sleep 1000 & wait");
  // The image is unpacked once for all.
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  const auto pool
    = std::filesystem::path{volumes->inspect("200-1").path}.parent_path();
  const auto bundle = folder + "/hand";
  std::filesystem::create_directory(bundle);
  auto config
    = shim::read_small(folder + "/containers/200-1/bundle/config.json");
  const auto image = shim::read_small(folder + "/containers/200-1/spec");
  const auto from = image.find("lowerdir=") + 9;
  const auto lower = image.substr(from, image.find(',', from) - from);
  BOOST_REQUIRE_EQUAL(why_not(all->destroy("200-1")), "");
  int turn = 0;
  std::string name;
  const auto shell = [&](const std::string& script) {
    by_shell(script, {bundle, lower, names("a").router, pool, name});
  };
  compare(
    "container",
    {.make = [&] { BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), ""); },
     .remove = [&] { BOOST_REQUIRE_EQUAL(why_not(all->destroy("200-1")), ""); },
     .make_by_hand =
       [&] {
         name = "by-hand-" + std::to_string(turn++);
         auto own = config;
         const std::string path = names("a").member_space("200-1");
         own.replace(own.find(path), path.size(), name);
         std::ofstream{bundle + "/config.json"} << own;
         shell(make_by_hand);
       },
     .remove_by_hand = [&] { shell(remove_by_hand); }});
}

// The same.
BOOST_FIXTURE_TEST_CASE(two_hundred_run_on_one_node, container_fixture,
                        *boost::unit_test::precondition(figures_are_wanted)) {
  constexpr int count = 200;
  const auto all = open();
  const auto id = [](int i) { return std::to_string(1000 + i) + "-1"; };
  const auto making = duration_of([&] {
    for (int i = 0; i < count; ++i) {
      auto wanted = order("trap 'exit 0' TERM; sleep 1000 & wait", id(i));
      wanted.disk_bytes = 4 * mebibyte;
      wanted.addresses = {address("10.1.2." + std::to_string(i + 10))};
      BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
    }
  });
  long resident = 0;
  long most = 0;
  int shims = 0;
  for (const auto pid : processes_with("provisiond-shim")) {
    const auto words
      = shim::read_small("/proc/" + std::to_string(pid) + "/cmdline");
    const auto text
      = shim::read_small("/proc/" + std::to_string(pid) + "/status");
    if (words.find(folder) == std::string::npos)
      continue;
    const auto kibibytes = std::stol(text.substr(text.find("VmRSS:") + 6));
    resident += kibibytes;
    most = std::max(most, kibibytes);
    ++shims;
  }
  BOOST_CHECK_EQUAL(shims, count);
  const auto looking = duration_of([&] {
    for (int i = 0; i < count; ++i)
      BOOST_CHECK(all->inspect(id(i)).state == presence::present);
  });
  const auto removing = duration_of([&] {
    for (int i = 0; i < count; ++i)
      BOOST_REQUIRE_EQUAL(why_not(all->destroy(id(i))), "");
  });
  std::cout << count << " made in " << making / 1000 << " s, looked at in "
            << looking << " ms, removed in " << removing / 1000
            << " s; shims: " << resident / count << " KiB each, " << most
            << " at most\n";
}

BOOST_AUTO_TEST_SUITE_END()
