#include "backends/host/router_server.hpp"

#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "backends/host/without_powers.hpp"
#include "router/setup.hpp"
#include "shim/remove_tree.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

/// More ends than fit into the window: it is started again for ever.
constexpr std::uint32_t restarts_for_ever = 1U << 20U;
/// Some thirty clients whose visitors all take nothing.
constexpr std::uint64_t memory_bytes = 1ULL << 30U;
constexpr std::uint64_t tasks_max = 16;
/// Whoever passes visitors on is not root: he may go through, and see nothing.
constexpr mode_t way_through = 0711;

std::string status_of(const supervised_processes& processes) {
  return processes.folder_of(router_server::id) + "/run/status.sock";
}

} // namespace

router_server::router_server(const supervised_processes& processes,
                             router_options options)
  : processes_{processes}, options_{std::move(options)},
    process_{processes,
             {.id = id,
              .socket = status_of(processes),
              .patience = options_.patience,
              .before_step = options_.before_step}} {
}

error router_server::settle(const tunnels& wanted,
                            const std::function<void()>& on_start) const {
  if (wanted.empty())
    return retire();
  if (flaw(wanted).empty())
    return {};
  if (auto wrong = process_.check_paths())
    return wrong;
  if (auto failed = make_folders())
    return failed;
  const auto text = setup_text(wanted);
  if (auto stopped = pass(options_.before_step, "write setup"))
    return stopped;
  if (auto failed = shim::write_durably(file(), text))
    return failed;
  if (auto failed
      = process_.take_over(spec(), router::generation_of(text), on_start))
    return failed;
  return pass(options_.before_step, "tunnels are open");
}

std::string router_server::flaw(const tunnels& wanted) const {
  return process_.flaw(spec(), router::generation_of(setup_text(wanted)));
}

std::string router_server::door_of(const std::string& tunnel) const {
  return options_.door_folder + '/' + tunnel;
}

std::string router_server::setup_text(const tunnels& wanted) const {
  router::setup what{.host = options_.host,
                     .port = options_.port,
                     .status = status_of(processes_)};
  for (const auto& [tunnel, digest] : wanted)
    what.tunnels.push_back({digest, door_of(tunnel)});
  return router::write_setup(what);
}

shim::process_spec router_server::spec() const {
  const auto& tools = options_.tools;
  auto words = tools.setpriv.empty() ? std::vector<std::string>{}
                                     : without_powers(tools.setpriv);
  words.insert(words.end(), {tools.router, file()});
  shim::process_spec spec{.arguments = std::move(words),
                          .environment
                          = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
                          .scratch = folder() + "/run",
                          .restart_delay = options_.restart_delay,
                          .restarts_max = restarts_for_ever};
  if (options_.groups)
    options_.groups->add_to(spec, options_.node_id, id,
                            {.memory_bytes = memory_bytes, .tasks = tasks_max});
  return spec;
}

error router_server::retire() const {
  if (auto stopped = pass(options_.before_step, "stop router"))
    return stopped;
  if (auto failed = processes_.remove(id))
    return failed;
  if (auto stopped = pass(options_.before_step, "remove doors"))
    return stopped;
  return shim::remove_tree(options_.door_folder);
}

error router_server::make_folders() const {
  if (::mkdir(folder().c_str(), 0700) != 0 && errno != EEXIST)
    return last_system_error("make folder " + folder());
  const auto& doors = options_.door_folder;
  if (::mkdir(doors.c_str(), 0700) != 0 && errno != EEXIST)
    return last_system_error("make folder " + doors);
  struct stat facts = {};
  if (::lstat(doors.c_str(), &facts) != 0)
    return last_system_error("look at " + doors);
  // Nobody else can have made it in a folder of root's, but who knows.
  if (!S_ISDIR(facts.st_mode) || facts.st_uid != ::geteuid())
    return {errc::backend_failure, doors + " is not this node's"};
  if (::chmod(doors.c_str(), way_through) != 0)
    return last_system_error("let others through " + doors);
  return {};
}

} // namespace provision
