#include "backends/host/control_groups.hpp"

#include <algorithm>

#include "tests/backends/scratch_pool.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(control_groups_test)

namespace {

/// A tree of files that looks like a host's.
struct host_fixture {
  host_fixture() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "groups-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root = pattern;
  }
  ~host_fixture() { std::filesystem::remove_all(root); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(
      std::filesystem::path{root + '/' + name}.parent_path());
    std::ofstream{root + '/' + name} << text;
  }

  expected<control_groups> find(const std::string& table) const {
    write("table", table);
    return control_groups::find(root + "/table", root + "/own");
  }

  std::string root;
};

std::string text(const shim::process_spec& spec) {
  std::string result;
  for (const auto& [file, value] : spec.limits)
    result += file + '=' + value + '\n';
  return result;
}

constexpr group_limits some{.memory_bytes = 1000, .cpus = 2, .tasks = 30};

} // namespace

BOOST_FIXTURE_TEST_CASE(limits_by_the_newer_version, host_fixture) {
  write("u/cgroup.controllers", "cpu io memory pids\n");
  const auto groups = find("cgroup2 " + root + "/u cgroup2 rw 0 0\n");
  BOOST_REQUIRE_MESSAGE(groups, why(groups));
  BOOST_CHECK_EQUAL(groups->lacking(), "");
  BOOST_CHECK_EQUAL(groups->second_hierarchy(), "");
  shim::process_spec spec;
  groups->add_to(spec, "n", "7-1", some);
  const auto group = root + "/u/provision-n/7-1";
  BOOST_CHECK(spec.groups == std::vector{group});
  BOOST_CHECK_EQUAL(spec.oom_file, group + "/memory.events");
  // Handed down from the top first.
  const auto all = text(spec);
  BOOST_TEST_INFO(all);
  BOOST_CHECK(all.starts_with(root + "/u/cgroup.subtree_control=+cpu\n"));
  BOOST_CHECK(all.find(root + "/u/provision-n/cgroup.subtree_control=+memory\n")
              != std::string::npos);
  for (const auto* limit : {"/memory.max=1000\n", "/memory.oom.group=1\n",
                            "/cpu.max=200000 100000\n", "/pids.max=30\n"})
    BOOST_CHECK(all.find(group + limit) != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(limits_by_the_older_version_beside_the_newer,
                        host_fixture) {
  write("u/cgroup.controllers", "hugetlb\n");
  write("m/memory.memsw.limit_in_bytes", "");
  const auto groups = find("tmpfs " + root + " tmpfs rw 0 0\n" + "cgroup "
                           + root + "/c cgroup rw,cpu,cpuacct 0 0\n" + "cgroup "
                           + root + "/m cgroup rw,memory 0 0\n" + "cgroup "
                           + root + "/b cgroup rw,blkio 0 0\n" + "cgroup2 "
                           + root + "/u cgroup2 rw 0 0\n");
  BOOST_REQUIRE_MESSAGE(groups, why(groups));
  BOOST_CHECK_EQUAL(groups->lacking(), "pids");
  BOOST_CHECK_EQUAL(groups->second_hierarchy(), root + "/u");
  shim::process_spec spec;
  groups->add_to(spec, "n", "7-1", some);
  BOOST_CHECK_EQUAL(spec.groups.size(), 3);
  const auto at
    = [&](const std::string& name) { return root + name + "/provision-n/7-1"; };
  BOOST_CHECK_EQUAL(text(spec), at("/c") + "/cpu.cfs_period_us=100000\n"
                                  + at("/c") + "/cpu.cfs_quota_us=200000\n"
                                  + at("/m") + "/memory.limit_in_bytes=1000\n"
                                  + at("/m")
                                  + "/memory.memsw.limit_in_bytes=1000\n");
  BOOST_CHECK_EQUAL(spec.oom_file, at("/m") + "/memory.oom_control");
}

BOOST_FIXTURE_TEST_CASE(stays_in_what_the_service_manager_has_delegated,
                        host_fixture) {
  write("own", "1:name=systemd:/a.service\n0::/s.slice/node.service\n");
  write("u/cgroup.controllers", "cpu io memory pids\n");
  write("u/s.slice/node-workloads.service/cgroup.controllers", "memory pids\n");
  const auto groups = find("cgroup2 " + root + "/u cgroup2 rw 0 0\n");
  BOOST_REQUIRE_MESSAGE(groups, why(groups));
  BOOST_CHECK_EQUAL(groups->lacking(), "cpu");
  shim::process_spec spec;
  groups->add_to(spec, "n", "7-1", some);
  const auto top = root + "/u/s.slice/node-workloads.service";
  BOOST_CHECK(spec.groups == std::vector{top + "/provision-n/7-1"});
  // Above it is the service manager's.
  for (const auto& limit : spec.limits)
    BOOST_CHECK_MESSAGE(limit.file.starts_with(top + '/'), limit.file);
}

BOOST_FIXTURE_TEST_CASE(stands_at_the_top_where_nothing_is_delegated,
                        host_fixture) {
  write("u/cgroup.controllers", "memory\n");
  const auto table = "cgroup2 " + root + "/u cgroup2 rw 0 0\n";
  // An empty line, a session, and a service that has nothing beside it.
  for (const auto* own :
       {"", "0::/user.slice/session-1.scope\n", "0::/s.slice/node.service\n"}) {
    write("own", own);
    const auto groups = find(table);
    BOOST_REQUIRE_MESSAGE(groups, why(groups));
    shim::process_spec spec;
    groups->add_to(spec, "n", "7-1", some);
    BOOST_CHECK(spec.groups == std::vector{root + "/u/provision-n/7-1"});
  }
}

BOOST_FIXTURE_TEST_CASE(says_what_to_mount_where_there_are_none, host_fixture) {
  const auto groups = find("tmpfs / tmpfs rw 0 0\n");
  BOOST_REQUIRE(!groups);
  BOOST_CHECK(groups.error().message.find("mount cgroup2")
              != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
