#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/host/shared_volume_backend.hpp"
#include "tests/backends/listed.hpp"
#include "tests/backends/network_host.hpp"
#include "tests/backends/process_host.hpp"
#include "tests/support/unless.hpp"

namespace provision::test {

/// Node "a" of a network_host with the network "blue", a pool of volumes and
/// workloads of one kind below `kind`. At the end nothing of them may stay.
class workload_host : public network_host {
public:
  explicit workload_host(std::string kind) : kind_{std::move(kind)} {
    auto chosen
      = choose_volume_backend({.pool_image_size = 1}, scratch_.pool());
    BOOST_REQUIRE_MESSAGE(chosen, why(chosen));
    volumes = std::make_shared<shared_volume_backend>(
      std::move(*chosen),
      std::make_unique<process_mutex>(scratch_.pool() + ".lock"));
    auto opened = network_host::open("a");
    BOOST_REQUIRE_MESSAGE(opened, why(opened));
    networks = std::move(*opened);
    BOOST_REQUIRE_EQUAL(
      why_not(networks->ensure(
        {.id = "blue",
         .user_id = "7",
         .holder = "104-1",
         .resource = a_resource(keys_, "10.1.2.0/24", 41001)})),
      "");
  }

  ~workload_host() {
    BOOST_CHECK_EQUAL(why_not(networks->destroy("blue", "104-1")), "");
    networks.reset();
    volumes.reset();
  }

  /// Control groups, processes, disk and namespace; empty if none is left.
  std::string traces() const {
    std::string result;
    for (const auto& group :
         std::filesystem::directory_iterator{"/sys/fs/cgroup"})
      if (const auto own = group.path() / ("provision-" + node());
          std::filesystem::exists(own))
        result += own.string() + ' ';
    for (const auto pid : processes_with(workloads_folder()))
      result += "process " + std::to_string(pid) + ' ';
    if (volumes->inspect("200-1").state != presence::absent)
      result += "volume ";
    const auto space = names("a").member_space("200-1");
    if (net_space::look(space) != presence::absent)
      result += "namespace ";
    return result;
  }

  std::string workloads_folder() const { return folder + '/' + kind_; }

  std::string node() const {
    return std::filesystem::path{folder}.filename().string();
  }

  std::shared_ptr<volume_backend> volumes;
  std::shared_ptr<host_network_backend> networks;

protected:
  /// For the end of a case.
  template <class Backend>
  void destroy_all(Backend& backend) {
    const auto ids = backend.processes().ids().value();
    for (const auto& id : ids)
      BOOST_CHECK_EQUAL(why_not(backend.destroy(id)), "");
    BOOST_CHECK_EQUAL(traces(), "");
  }

  /// Checks what the back-end lists while 200-1, which uses `volumes`, is
  /// there; `record`: name of the file in which it notes what it holds.
  template <class Backend>
  void check_list(Backend& backend, const std::string& record,
                  const std::vector<std::string>& used) {
    namespace fs = std::filesystem;
    const auto pid = backend.inspect("200-1").pid;
    std::ofstream{workloads_folder() + "/notes.txt"} << "of the operator";
    const auto held = backend.list();
    BOOST_REQUIRE_MESSAGE(held, why(held));
    BOOST_REQUIRE_EQUAL(held->size(), 1);
    BOOST_CHECK_EQUAL(held->at(0).id, "200-1");
    BOOST_CHECK_EQUAL(held->at(0).what, "process " + std::to_string(pid));
    BOOST_CHECK(held->at(0).volumes == used);
    fs::remove(workloads_folder() + "/notes.txt");
    cannot_be_listed_by_nobody(backend);
    // Nobody knows then which volumes it uses.
    const auto path = workloads_folder() + "/200-1/" + record;
    fs::rename(path, folder + "/kept");
    std::ofstream{path} << "garbage";
    BOOST_CHECK(!backend.list());
    fs::rename(folder + "/kept", path);
    // One that does not run is there all the same.
    BOOST_CHECK_EQUAL(why_not(backend.processes().stop("200-1")), "");
    BOOST_CHECK_EQUAL(listed(backend), "200-1 ");
    BOOST_CHECK_EQUAL(why_not(backend.destroy("200-1")), "");
    BOOST_CHECK_EQUAL(listed(backend), "");
  }

private:
  std::string kind_;
  scratch_pool scratch_;
  tunnel_keys keys_;
};

} // namespace provision::test
