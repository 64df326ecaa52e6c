#pragma once

#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/host_public_ip_backend.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_names.hpp"
#include "backends/host/public_probe.hpp"
#include "tests/backends/host_traces.hpp"
#include "tests/backends/scratch_pool.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/unless.hpp"
#include "tests/support/why_not.hpp"

namespace provision::test {

/// Whether public addresses can be had here; says so if not.
inline boost::test_tools::assertion_result
public_ips_are_possible(boost::unit_test::test_unit_id) {
  // Whatever bridge there is: the tests bring their own.
  const auto can = probe_public_ips({}).ability;
  return unless(can.remedy.find("public.bridge") != std::string::npos
                  ? ""
                  : "needs public addresses: " + can.reason);
}

inline workloads::ip_range public_range(const std::string& text) {
  return workloads::parse_cidr(text).value();
}

/// A namespace with a public bridge "pub0", whose only port leads to the
/// namespace of the outside, with the gateway 192.0.2.1 on its interface
/// "wire". At the end it is checked that nothing stays.
class public_bridge_host {
public:
  explicit public_bridge_host(std::string space = {})
    : space_{space.empty() ? "public-" + std::to_string(::getpid())
                           : std::move(space)},
      owns_space_{net_space::look(space_) == presence::absent} {
    if (owns_space_)
      ip({"netns", "add", space_});
    ip({"netns", "add", outside()});
    ip({"-n", space_, "link", "add", "pub0", "type", "bridge"});
    ip({"-n", space_, "link", "add", "up0", "type", "veth", "peer", "name",
        "wire", "netns", outside()});
    ip({"-n", space_, "link", "set", "up0", "master", "pub0"});
    for (const auto* link : {"up0", "pub0"})
      ip({"-n", space_, "link", "set", link, "up"});
    ip({"-n", outside(), "address", "add", "192.0.2.1/24", "dev", "wire"});
    ip({"-n", outside(), "link", "set", "wire", "up"});
  }

  ~public_bridge_host() {
    ip({"-n", space_, "link", "delete", "up0"});
    ip({"-n", space_, "link", "delete", "pub0"});
    ip({"netns", "delete", outside()});
    if (owns_space_)
      ip({"netns", "delete", space_});
  }

  public_bridge_host(const public_bridge_host&) = delete;
  public_bridge_host& operator=(const public_bridge_host&) = delete;

  const std::string& space() const { return space_; }
  std::string outside() const { return space_ + "-outside"; }

  void ip(std::vector<std::string> words) const {
    const auto done = run({.program = tools.ip, .arguments = words});
    BOOST_CHECK_MESSAGE(done, why(done));
  }

  /// What a program says inside a namespace.
  std::string inside(const std::string& space, const std::string& program,
                     std::vector<std::string> words) const {
    const auto said = net_space::ask(space, [&] {
      return run({.program = program, .arguments = std::move(words)});
    });
    return said ? said->out : "failed: " + to_string(said.error());
  }

  std::string ruleset() const {
    return inside(space_, tools.nft, {"list", "ruleset"});
  }

  /// Name and address of each. Not its state: a carrier comes and goes a moment
  /// later than the link at its other end.
  std::string links() const {
    std::istringstream rows{
      inside(space_, tools.ip, {"-brief", "link", "show"})};
    std::string all;
    std::string name;
    std::string state;
    std::string address;
    for (std::string rest; rows >> name >> state >> address;
         std::getline(rows, rest))
      all += name + " " + address + "\n";
    return all;
  }

  const network_tools tools = probe_public_ips({}).tools;

private:
  std::string space_;
  bool owns_space_;
};

/// A node on such a bridge, with machines that are only namespaces.
class public_host : public public_bridge_host {
public:
  public_host() : traces_{{space_of("")}} {
    clean_ruleset = ruleset();
    clean_links = links();
  }

  ~public_host() {
    auto backend = open();
    const auto held = backend->list();
    BOOST_REQUIRE_MESSAGE(held, why(held));
    for (const auto& one : *held)
      BOOST_CHECK(!backend->destroy(one.id));
    for (const auto& machine : machines_)
      ip({"netns", "delete", space_of(machine)});
    BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
    BOOST_CHECK_EQUAL(links(), clean_links);
    BOOST_CHECK(std::filesystem::is_empty(folder));
    BOOST_CHECK_EQUAL(host_traces{{space_of("")}}.beyond(traces_), "");
  }

  host_public_ip_options options() const {
    return {.place = {.node_id = node(), .space = space(), .bridge = "pub0"},
            .gateway = workloads::parse_ip("192.0.2.1").value(),
            .folder = folder,
            .tools = tools,
            .probe_patience = std::chrono::milliseconds{20}};
  }

  static std::unique_ptr<host_public_ip_backend>
  open(host_public_ip_options options) {
    auto opened = host_public_ip_backend::open(std::move(options));
    BOOST_REQUIRE_MESSAGE(opened, why(opened));
    return std::move(*opened);
  }

  std::unique_ptr<host_public_ip_backend> open(step_hook before_step
                                               = {}) const {
    auto wanted = options();
    wanted.before_step = std::move(before_step);
    return open(std::move(wanted));
  }

  static std::string node() { return "public-" + std::to_string(::getpid()); }

  static std::string space_of(const std::string& machine) {
    return network_names{node(), {}}.member_space(machine);
  }

  /// As a network's back-end makes it before the machine starts.
  void add_machine(const std::string& machine) {
    ip({"netns", "add", space_of(machine)});
    machines_.push_back(machine);
  }

  /// As a reboot does, or the death of the machine.
  void lose_machine(const std::string& machine) {
    ip({"netns", "delete", space_of(machine)});
    std::erase(machines_, machine);
  }

  static public_ip_order order(const std::string& range = "192.0.2.10/24",
                               std::string id = "42-1") {
    return {.id = std::move(id), .address = public_range(range)};
  }

  const scratch_folder scratch;
  const std::string folder = scratch.path();
  std::string clean_ruleset;
  std::string clean_links;

private:
  host_traces traces_;
  std::vector<std::string> machines_;
};

} // namespace provision::test
