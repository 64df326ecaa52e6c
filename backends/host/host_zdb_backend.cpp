#include "backends/host/host_zdb_backend.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "messages/reservation.hpp"

namespace provision {

namespace {

using state = process_facts::state;
using workloads::zdb_mode;

std::string names_of(const zdb_server& server) {
  return server.folder() + "/names";
}

std::string data_of(const host_zdb_options& options, zdb_mode mode) {
  // A volume's name never has a '+' in it (is_safe_id).
  return options.pool + "/zdb+" + std::string{to_string(mode)};
}

zdb_server make_server(const supervised_processes& processes,
                       const host_zdb_options& options, zdb_mode mode) {
  return {processes,
          {.node_id = options.node_id,
           .mode = mode,
           .data_folder = data_of(options, mode),
           .tools = options.tools,
           .groups = options.groups,
           .address = options.address,
           .port = static_cast<std::uint16_t>(
             options.port + (mode == zdb_mode::user ? 0 : 1)),
           .random = options.random,
           .start_patience = options.start_patience,
           .restart_delay = options.restart_delay,
           .before_step = options.before_step}};
}

error check_name(std::string_view id) {
  if (is_safe_id(id) && id != zdb_server::own_namespace)
    return {};
  return {errc::invalid_reservation,
          "'" + std::string{id} + "' cannot name a namespace"};
}

} // namespace

expected<std::unique_ptr<host_zdb_backend>>
host_zdb_backend::open(host_zdb_options options) {
  auto processes
    = supervised_processes::open(options.folder, options.tools.shim);
  if (!processes)
    return fail(processes.error());
  std::unique_ptr<host_zdb_backend> made{new host_zdb_backend{
    std::move(options),
    std::make_unique<supervised_processes>(std::move(*processes))}};
  if (const auto& trouble = made->mutex_.trouble())
    return fail(trouble);
  for (const auto& server : made->servers_)
    if (auto failed = server.end_outdated())
      return fail(std::move(failed));
  return made;
}

host_zdb_backend::host_zdb_backend(
  host_zdb_options options, std::unique_ptr<supervised_processes> processes)
  : options_{std::move(options)}, processes_{std::move(processes)},
    servers_{make_server(*processes_, options_, zdb_mode::user),
             make_server(*processes_, options_, zdb_mode::seq)} {
}

// -- the port -----------------------------------------------------------------

zdb_facts host_zdb_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_name(id))
    return {.state = presence::unknown, .reason = wrong.message};
  for (const auto& server : servers_) {
    const auto noted = has_note(server, id);
    if (!noted)
      return {.state = presence::unknown, .reason = noted.error().message};
    if (*noted)
      return inspect_at(server, id);
  }
  return {};
}

expected<zdb_place> host_zdb_backend::ensure(const zdb_order& order) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check(order))
    return fail(std::move(wrong));
  const auto& server = server_of(order.mode);
  const auto was_there = has_note(server, order.id);
  if (!was_there)
    return fail(was_there.error());
  bool is_begun = false;
  if (auto failed = converge(server, order, is_begun)) {
    // What was there already holds something: that is kept.
    if (!*was_there && is_begun)
      if (const auto stuck = remove_from(server, order.id))
        failed.message += "; what was begun is still there: " + stuck.message;
    return fail(std::move(failed));
  }
  return zdb_place{.addresses = {options_.address}, .port = server.port()};
}

error host_zdb_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_name(id))
    return wrong;
  for (const auto& server : servers_) {
    const auto known = known_to(server);
    if (!known)
      return known.error();
    // A server without any is half made, or half removed.
    if (!known->empty() && !known->contains(std::string{id}))
      continue;
    if (auto failed = remove_from(server, std::string{id}))
      return failed;
  }
  return {};
}

expected<std::vector<held_object>> host_zdb_backend::list() {
  const std::lock_guard lock{mutex_};
  std::vector<held_object> held;
  for (const auto& server : servers_) {
    if (auto missing = check_data(server))
      return fail(std::move(missing));
    const auto known = known_to(server);
    if (!known)
      return fail(known.error());
    for (const auto& name : *known)
      // What is no reservation's was made by somebody else.
      if (split_reservation_id(name))
        held.push_back({.id = name, .what = "at the server " + server.id()});
  }
  return held;
}

expected<bool> host_zdb_backend::restore(const std::string& mode) {
  const std::lock_guard lock{mutex_};
  const auto found = std::ranges::find(servers_, mode, &zdb_server::id);
  if (found == servers_.end())
    return false;
  const auto facts = found->look();
  if (!is_deserted(facts) && !has_given_up(facts))
    return false;
  const auto names = notes(*found);
  if (!names)
    return fail(names.error());
  // Half made, or half removed; whoever wanted it asks again.
  if (names->empty())
    return false;
  const auto up = bring_up(*found);
  return up ? expected<bool>{true} : fail(up.error());
}

void host_zdb_backend::on_start(std::function<void()> listener) {
  const std::lock_guard lock{mutex_.of_this_process()};
  listener_ = std::move(listener);
}

// -- what is noted ------------------------------------------------------------

expected<bool> host_zdb_backend::has_note(const zdb_server& server,
                                          std::string_view id) const {
  return path_exists(names_of(server) + '/' + std::string{id});
}

expected<std::vector<std::string>>
host_zdb_backend::notes(const zdb_server& server) const {
  const auto path = names_of(server);
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT)
    return std::vector<std::string>{};
  const auto place = folder::open(path);
  return place ? place->names() : fail(place.error());
}

/// Noted or on disk: after a crash, or when notes were lost, not both.
expected<std::set<std::string>>
host_zdb_backend::known_to(const zdb_server& server) const {
  const auto noted = notes(server);
  if (!noted)
    return fail(noted.error());
  auto known = server.stored();
  if (known)
    known->insert(noted->begin(), noted->end());
  return known;
}

error host_zdb_backend::note(const zdb_server& server,
                             const std::string& id) const {
  const auto place = folder::make(names_of(server));
  if (!place)
    return place.error();
  if (auto failed = place->make_file(id))
    return failed;
  return place->sync();
}

// -- steps --------------------------------------------------------------------

zdb_server& host_zdb_backend::server_of(zdb_mode mode) {
  return servers_[mode == zdb_mode::user ? 0 : 1];
}

error host_zdb_backend::check(const zdb_order& order) {
  if (auto wrong = check_name(order.id))
    return wrong;
  if (order.size_bytes == 0)
    return {errc::invalid_reservation, "namespace " + order.id + ": no size"};
  const auto password = order.password.reveal();
  if (password.size() > zdb_password_bytes_max)
    return {errc::invalid_reservation,
            "password: is longer than the "
              + std::to_string(zdb_password_bytes_max)
              + " bytes that a 0-db server takes"};
  // The server would read the one as "none", and the other only in part.
  if (password == "*" || password.find('\0') != std::string_view::npos)
    return {errc::invalid_reservation,
            "password: is one that a 0-db server cannot keep"};
  const auto& other
    = server_of(order.mode == zdb_mode::user ? zdb_mode::seq : zdb_mode::user);
  const auto is_there = has_note(other, order.id);
  if (!is_there)
    return is_there.error();
  if (*is_there)
    return {errc::invalid_reservation, "mode: namespace " + order.id
                                         + " is there already, of mode "
                                         + other.id()};
  return {};
}

/// An empty server must not take the place of one whose disk is missing.
error host_zdb_backend::check_data(const zdb_server& server) const {
  const auto names = notes(server);
  if (!names)
    return names.error();
  const auto& data = server.data_folder();
  if (names->empty() || ::access(data.c_str(), F_OK) == 0)
    return {};
  return {errc::host_unavailable,
          data + " is missing, which " + std::to_string(names->size())
            + " namespaces are in; mount the pool's disk, or make that folder "
              "if they are lost for good"};
}

expected<zdb_admin> host_zdb_backend::bring_up(const zdb_server& server) const {
  if (auto missing = check_data(server))
    return fail(std::move(missing));
  return server.bring_up(listener_);
}

error host_zdb_backend::converge(const zdb_server& server,
                                 const zdb_order& order, bool& is_begun) const {
  auto admin = bring_up(server);
  if (!admin)
    return admin.error();
  is_begun = true;
  if (auto stopped = pass(options_.before_step, "write note"))
    return stopped;
  if (auto failed = note(server, order.id))
    return failed;
  if (auto stopped = pass(options_.before_step, "set up namespace"))
    return stopped;
  const auto now = admin->find(order.id);
  // As long as that is not known, nothing of it is taken away.
  is_begun = now && !*now;
  if (!now)
    return now.error();
  if (!*now) {
    if (auto failed = admin->create(order))
      return failed;
  } else {
    if (order.size_bytes < (*now)->used_bytes)
      return {errc::invalid_reservation,
              "size: " + std::to_string(order.size_bytes)
                + " bytes asked for namespace " + order.id + ", "
                + std::to_string((*now)->used_bytes) + " in use"};
    if (auto failed = admin->settle(order, **now))
      return failed;
  }
  return pass(options_.before_step, "done");
}

/// Absent is a success. The server goes with its last namespace.
error host_zdb_backend::remove_from(const zdb_server& server,
                                    const std::string& id) const {
  if (!server.is_known())
    return server.forget_data();
  auto admin = bring_up(server);
  if (!admin)
    return admin.error();
  if (auto stopped = pass(options_.before_step, "remove namespace"))
    return stopped;
  if (auto failed = admin->remove(id))
    return failed;
  if (auto stopped = pass(options_.before_step, "remove note"))
    return stopped;
  const auto path = names_of(server) + '/' + id;
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
    return last_system_error("remove " + path);
  const auto noted = notes(server);
  const auto served = admin->names();
  if (!noted || !served)
    return noted ? served.error() : noted.error();
  const bool is_last
    = noted->empty() && std::ranges::all_of(*served, [](const auto& one) {
        return one == zdb_server::own_namespace;
      });
  return is_last ? server.retire() : error{};
}

zdb_facts host_zdb_backend::inspect_at(const zdb_server& server,
                                       std::string_view id) const {
  const auto process = server.look();
  if (process.is == state::unknown)
    return {.state = presence::unknown, .reason = process.reason};
  if (process.is != state::running)
    return {.state = presence::partial,
            .reason = process.is == state::pausing
                        ? "its server is about to be started again"
                        : "its server does not run: " + reason_of(process)};
  auto admin = server.reach();
  if (!admin)
    return {.state = presence::partial, .reason = admin.error().message};
  const auto found = admin->find(id);
  if (!found)
    return {.state = presence::unknown, .reason = found.error().message};
  if (!*found)
    return {.state = presence::partial,
            .reason = "its server does not have it"};
  return {.state = presence::present,
          .size_bytes = (*found)->size_bytes,
          .used_bytes = (*found)->used_bytes,
          .has_password = (*found)->has_password,
          .is_public = (*found)->is_public};
}

} // namespace provision
