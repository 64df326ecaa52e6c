#include "backends/host/zdb_server.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/host/folder.hpp"
#include "backends/host/without_powers.hpp"
#include "messages/hex.hpp"
#include "shim/remove_tree.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using state = process_facts::state;
using steady = std::chrono::steady_clock;

constexpr std::size_t admin_bytes = 16;
/// An index of some million keys, which it keeps in memory.
constexpr std::uint64_t memory_bytes = 512ULL << 20U;
constexpr std::uint64_t tasks_max = 64;
/// More ends than fit into the window: it is started again for ever.
constexpr std::uint32_t restarts_for_ever = 1U << 20U;
constexpr int turn_ms = 5;

std::string gone(const std::string& path) {
  return path + ".gone";
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool is_up(state is) {
  return is == state::running || is == state::pausing;
}

} // namespace

zdb_server::zdb_server(const supervised_processes& processes,
                       zdb_server_options options)
  : processes_{processes}, options_{std::move(options)}, id_{to_string(
                                                           options_.mode)} {
}

bool zdb_server::is_known() const {
  return exists(folder()) || exists(options_.data_folder);
}

expected<std::set<std::string>> zdb_server::stored() const {
  std::set<std::string> found;
  for (const auto* tree : {"/data", "/index"}) {
    const auto path = options_.data_folder + tree;
    std::error_code failure;
    if (!std::filesystem::exists(path, failure) && !failure)
      continue;
    const auto place = folder::open(path);
    const auto names = place ? place->names() : fail(place.error());
    if (!names)
      return fail(names.error());
    for (const auto& name : *names) {
      const auto facts = place->look(name);
      if (!facts)
        return fail(facts.error());
      // It keeps files of its own beside them.
      if (facts->is_folder)
        found.insert(name);
    }
  }
  found.erase(std::string{own_namespace});
  return found;
}

expected<zdb_admin> zdb_server::reach() const {
  const auto admin = admin_secret();
  return admin ? zdb_admin::connect(socket(), *admin, options_.answer_patience)
               : fail(admin.error());
}

expected<zdb_admin>
zdb_server::bring_up(const std::function<void()>& on_start) const {
  const bool is_new = !exists(options_.data_folder);
  const auto spec = make_ready();
  if (!spec)
    return fail(spec.error());
  const auto before = look();
  if (before.is == state::unknown)
    return fail(errc::backend_failure, before.reason);
  if (!is_up(before.is) || !runs_as(*spec)) {
    if (auto stopped = pass(options_.before_step, "start server"))
      return fail(std::move(stopped));
    if (auto failed = processes_.stop(id_))
      return fail(std::move(failed));
    if (auto failed = processes_.start(id_, *spec))
      return fail(errc::host_unavailable,
                  "the 0-db server " + id_
                    + " cannot be started: " + failed.message);
    if (on_start)
      on_start();
  }
  const auto admin = admin_secret();
  auto up = admin ? wait_until_up(*admin) : fail(admin.error());
  if (!up && is_new)
    if (const auto stuck = retire())
      return fail(up.error().code,
                  up.error().message
                    + "; what was begun is still there: " + stuck.message);
  return up;
}

error zdb_server::end_outdated() const {
  if (!is_up(look().is))
    return {};
  const auto admin = admin_secret();
  if (!admin)
    return admin.error();
  return runs_as(spec_of(*admin)) ? error{} : processes_.stop(id_);
}

error zdb_server::retire() const {
  if (auto stopped = pass(options_.before_step, "remove server"))
    return stopped;
  if (auto failed = processes_.remove(id_))
    return failed;
  if (auto stopped = pass(options_.before_step, "give up data"))
    return stopped;
  const auto& data = options_.data_folder;
  // At once: no server must ever find the half of it.
  if (exists(data)) {
    if (auto failed = shim::remove_tree(gone(data)))
      return failed;
    if (::rename(data.c_str(), gone(data).c_str()) != 0)
      return last_system_error("put " + data + " aside");
  }
  return forget_data();
}

error zdb_server::forget_data() const {
  if (auto stopped = pass(options_.before_step, "remove data"))
    return stopped;
  return shim::remove_tree(gone(options_.data_folder));
}

/// The one it has, or a new one.
expected<secret> zdb_server::admin_secret() const {
  const auto path = folder() + "/admin";
  auto text = shim::read_small(path);
  if (text.size() == 2 * admin_bytes)
    return secret::absorb(text);
  if (::mkdir(folder().c_str(), 0700) != 0 && errno != EEXIST)
    return fail(last_system_error("make folder " + folder()));
  text = hex::encode(options_.random->draw(admin_bytes).reveal());
  if (auto failed = shim::write_durably(path, text))
    return fail(std::move(failed));
  return secret::absorb(text);
}

/// Folders, secret and what is to be run.
expected<shim::process_spec> zdb_server::make_ready() const {
  if (socket().size() >= sizeof(sockaddr_un::sun_path))
    return fail(errc::invalid_configuration,
                folder() + ": is too long a path for a 0-db server");
  const auto data = folder::make(options_.data_folder);
  if (!data)
    return fail(data.error());
  for (const auto* name : {"data", "index"})
    if (const auto made = data->make_child(name); !made)
      return fail(made.error());
  const auto admin = admin_secret();
  return admin ? expected<shim::process_spec>{spec_of(*admin)}
               : fail(admin.error());
}

shim::process_spec zdb_server::spec_of(const secret& admin) const {
  const auto& tools = options_.tools;
  auto words = tools.setpriv.empty() ? std::vector<std::string>{}
                                     : without_powers(tools.setpriv);
  // The server has no other way to be told its admin's secret: see docs/zdb.md
  // for who can see it.
  for (const auto& word :
       {tools.server, std::string{"--data"}, options_.data_folder + "/data",
        std::string{"--index"}, options_.data_folder + "/index",
        std::string{"--mode"}, id_, std::string{"--socket"}, socket(),
        std::string{"--admin"}, std::string{admin.reveal()},
        // Or everybody could write into "default".
        std::string{"--protect"}})
    words.push_back(word);
  if (!options_.address.empty())
    words.insert(words.end(), {"--listen", options_.address, "--port",
                               std::to_string(options_.port), "--dualnet"});
  shim::process_spec spec{.arguments = std::move(words),
                          .environment
                          = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
                          .scratch = folder() + "/run",
                          .restart_delay = options_.restart_delay,
                          .restarts_max = restarts_for_ever};
  if (options_.groups)
    options_.groups->add_to(spec, options_.node_id, "zdb-" + id_,
                            {.memory_bytes = memory_bytes, .tasks = tasks_max});
  return spec;
}

bool zdb_server::runs_as(const shim::process_spec& spec) const {
  const auto found
    = shim::read_spec(shim::read_small(folder() + '/' + shim::spec_name));
  return found && *found == spec;
}

/// Until it answers. One that ended a moment ago is about to be started again.
expected<zdb_admin> zdb_server::wait_until_up(const secret& admin) const {
  const auto until = steady::now() + options_.start_patience;
  for (;;) {
    auto up = zdb_admin::connect(socket(), admin, options_.answer_patience);
    if (up)
      return up;
    const auto facts = look();
    if (is_up(facts.is) && steady::now() < until) {
      ::poll(nullptr, 0, turn_ms);
      continue;
    }
    const auto said = processes_.last_words(id_);
    return fail(errc::host_unavailable,
                "the 0-db server " + id_ + " does not answer: "
                  + (is_up(facts.is) ? up.error().message : reason_of(facts))
                  + (said.empty() ? "" : "; its last words: " + said));
  }
}

} // namespace provision
