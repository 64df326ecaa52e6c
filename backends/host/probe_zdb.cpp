#include <string>

#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/scratch_place.hpp"
#include "backends/host/zdb_server.hpp"
#include "backends/host/zdb_tools.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

ability missing(std::string reason, std::string remedy) {
  return {.state = ability::level::missing,
          .reason = std::move(reason),
          .remedy = std::move(remedy)};
}

ability find_tools(const std::string& server, zdb_tools& tools) {
  const auto* remedy = "install a 0-db server, and name it in zdb.server";
  if (!server.empty() && ::access(server.c_str(), X_OK) != 0)
    return missing(last_system_error(server + " cannot be run").message,
                   remedy);
  auto found = server.empty() ? find_program("zdb", "0-db")
                              : expected<std::string>{server};
  if (!found)
    return missing("there is no 0-db server", remedy);
  tools.server = *found;
  auto shim = find_shim();
  if (!shim)
    return missing(shim.error().message, "install provisiond as a whole");
  tools.shim = *shim;
  return {.state = ability::level::ok};
}

/// Nobody but us reaches the server on trial.
struct known_secret final : entropy {
  secret draw(std::size_t size) override {
    return secret{std::string(size, 'p')};
  }
};

/// Starts one that serves nobody but us, makes a namespace and takes all away.
error try_server(const zdb_tools& tools, const std::string& folder) {
  const scratch_place scratch{folder};
  if (scratch.failed)
    return scratch.failed;
  const auto processes
    = supervised_processes::open(scratch.path + "/p", tools.shim);
  if (!processes)
    return processes.error();
  const zdb_server server{*processes,
                          {.mode = workloads::zdb_mode::user,
                           .data_folder = scratch.path + "/d",
                           .tools = tools,
                           .random = std::make_shared<known_secret>()}};
  auto admin = server.bring_up();
  auto failed = admin ? error{} : admin.error();
  const zdb_order order{.id = "probe",
                        .size_bytes = 1U << 20U,
                        .mode = workloads::zdb_mode::user,
                        .password = secret{"probe"}};
  if (!failed)
    failed = admin->create(order);
  if (!failed) {
    const auto made = admin->find(order.id);
    if (!made)
      failed = made.error();
    else if (!*made || !(*made)->has_password
             || (*made)->size_bytes != order.size_bytes)
      failed = {errc::backend_failure, "it does not keep what it is told"};
  }
  const auto stuck = server.retire();
  return failed ? failed : stuck;
}

/// Whether /proc shows users only their own processes.
bool hides_processes() {
  const auto mounts = read_whole("/proc/self/mounts");
  if (!mounts)
    return false;
  const auto at = mounts->find(" /proc proc ");
  if (at == std::string::npos)
    return false;
  const auto line = mounts->substr(at, mounts->find('\n', at) - at);
  for (const auto* option : {"hidepid=2", "hidepid=invisible"})
    if (line.find(option) != std::string::npos)
      return true;
  return false;
}

ability describe(const zdb_tools& tools, const error& unconfined) {
  ability found{.state = ability::level::ok,
                .technique = "0-db: " + tools.server};
  const auto lacks = [&](const std::string& reason, const std::string& remedy) {
    found.state = ability::level::degraded;
    found.reason += (found.reason.empty() ? "" : "; ") + reason;
    found.remedy += (found.remedy.empty() ? "" : "; ") + remedy;
  };
  if (unconfined)
    lacks("it keeps root's powers: " + unconfined.message,
          "let setpriv (package util-linux) take them");
  if (!hides_processes())
    lacks("users of this host can see its admin's secret in /proc",
          "mount /proc with hidepid=2");
  return found;
}

} // namespace

zdb_ability probe_zdb(const std::string& folder, const std::string& server) {
  zdb_ability found;
  found.ability = find_tools(server, found.tools);
  if (found.ability.state == ability::level::missing)
    return found;
  if (auto groups = control_groups::find(); groups && ::geteuid() == 0)
    found.groups = std::move(*groups);
  // Whoever is not root has no powers that could be taken.
  error unconfined;
  if (::geteuid() == 0) {
    const auto setpriv = find_program("setpriv", "util-linux");
    found.tools.setpriv = setpriv.value_or("");
    unconfined = setpriv ? try_server(found.tools, folder) : setpriv.error();
    if (!unconfined) {
      found.ability = describe(found.tools, {});
      return found;
    }
    found.tools.setpriv.clear();
  }
  if (const auto failed = try_server(found.tools, folder))
    found.ability = missing("the 0-db server " + found.tools.server
                              + " does not serve: " + failed.message,
                            "see what it says");
  else
    found.ability = describe(found.tools, unconfined);
  return found;
}

} // namespace provision
