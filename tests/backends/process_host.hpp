#pragma once

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/control_groups.hpp"
#include "backends/host/supervised_processes.hpp"
#include "shim/small_file.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/why_not.hpp"

namespace provision::test {

/// A program of /bin, whatever its real path.
inline shim::process_spec shell(const std::string& script) {
  return {.arguments = {"/bin/sh", "-c", script},
          .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}};
}

/// Processes whose command line contains `mark`.
inline std::vector<int> processes_with(const std::string& mark) {
  std::vector<int> result;
  std::error_code code;
  for (const auto& one : std::filesystem::directory_iterator{"/proc", code}) {
    const auto name = one.path().filename().string();
    int pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec
        != std::errc{})
      continue;
    const auto words = shim::read_small(one.path().string() + "/cmdline");
    if (words.find(mark) != std::string::npos)
      result.push_back(pid);
  }
  return result;
}

/// A fresh folder of supervised processes. At its end all are removed, and it
/// is checked that no process and no control group of them stays.
class process_host {
public:
  process_host() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "processes-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root = std::filesystem::canonical(pattern).string();
  }

  ~process_host() {
    const auto all = open();
    const auto ids = all.ids().value();
    for (const auto& id : ids)
      BOOST_CHECK_EQUAL(why_not(all.remove(id)), "");
    BOOST_CHECK(eventually([&] { return processes_with(root).empty(); }));
    BOOST_CHECK_EQUAL(groups_left(), "");
    std::filesystem::remove_all(root);
  }

  process_host(const process_host&) = delete;
  process_host& operator=(const process_host&) = delete;

  supervised_processes open() const {
    auto shim = find_shim();
    BOOST_REQUIRE(shim);
    return supervised_processes::open(root + "/p", *shim).value();
  }

  /// Part of the names of this host's groups.
  std::string node() const {
    return std::filesystem::path{root}.filename().string();
  }

  /// Puts it into control groups, where that is possible.
  shim::process_spec grouped(shim::process_spec spec, const std::string& id,
                             const group_limits& limits = {}) const {
    if (const auto groups = control_groups::find(); groups && ::geteuid() == 0)
      groups->add_to(spec, node(), id, limits);
    return spec;
  }

  std::string groups_left() const {
    std::string result;
    std::error_code code;
    const std::filesystem::path all{"/sys/fs/cgroup"};
    for (const auto& one : std::filesystem::directory_iterator{all, code})
      if (const auto group = one.path() / ("provision-" + node());
          std::filesystem::exists(group))
        result += group.string() + ' ';
    if (std::filesystem::exists(all / ("provision-" + node())))
      result += (all / ("provision-" + node())).string();
    return result;
  }

  std::string read(const std::string& name) const {
    return shim::read_small(root + '/' + name);
  }

  std::string root;
};

/// Whether limits can be enforced here; says so if not.
inline boost::test_tools::assertion_result
limits_are_possible(boost::unit_test::test_unit_id) {
  const auto groups = control_groups::find();
  std::string lacking = groups ? groups->lacking() : groups.error().message;
  if (::geteuid() != 0)
    lacking = "root";
  boost::test_tools::assertion_result result{lacking.empty()};
  result.message() << "needs control groups: " << lacking;
  if (!result)
    std::cout << "SKIP: needs control groups: " << lacking << '\n';
  return result;
}

} // namespace provision::test
