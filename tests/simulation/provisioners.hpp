#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"
#include "actors/provisioners/function_provisioner.hpp"
#include "tests/simulation/checkers.hpp"
#include "tests/simulation/facts.hpp"
#include "tests/simulation/trace.hpp"

namespace provision::simulation {

/// The host: what runs on it outlives the daemon.
struct sim_host {
  trace& log;
  facts& known;
  checkers& checks;
  /// Ids of the workloads that exist.
  std::set<std::string> running = {};
  /// How often each was asked to go.
  std::map<std::string, unsigned> removals = {};
  /// What never had a result stays, whoever takes it down.
  bool leaves_withdrawn = false;
  /// Kills the daemon.
  std::function<void()> kill = {};

  /// What this call meets.
  conduct meet(std::string_view verb, const reservation& what);
  void done(std::string_view verb, const reservation& what);
};

/// One life's view of the host; calls of an earlier life reach nothing.
struct host_link {
  sim_host* host = nullptr;
};

using sim_provisioner_actor
  = provisioner_actor::extend<caf::reacts_to<atom::tick, std::uint64_t>>;

struct sim_provisioner_state {
  static inline const char* name = "simulated provisioner";

  struct work {
    reservation_ptr what = {};
    caf::typed_response_promise<provisioned_workload> provisioned = {};
    caf::typed_response_promise<provision::done> removed = {};
    bool removing = false;
  };

  std::shared_ptr<host_link> link = {};
  /// Answers that are late, or never come.
  std::map<std::uint64_t, work> pending = {};
  std::uint64_t calls = 0;
};

/// A provisioner that works, fails, throws, hangs, dies or is slow, as the
/// reservation's conduct says.
sim_provisioner_actor::behavior_type sim_provisioner(
  sim_provisioner_actor::stateful_pointer<sim_provisioner_state> self,
  std::shared_ptr<host_link> link);

/// The same for the real actor around plain functions: works, fails, throws.
workload_functions sim_functions(std::shared_ptr<host_link> link);

} // namespace provision::simulation
