#include "daemon/remote_workers.hpp"

#include <cstdlib>
#include <utility>

#include "backends/host/folder.hpp"
#include "backends/tls/remote_worker.hpp"
#include "backends/tls/worker_host.hpp"
#include "config/host_and_port.hpp"
#include "daemon/service_manager.hpp"
#include "identity/mutual_tls.hpp"
#include "logging/log.hpp"
#include "persistence/folder_lock.hpp"

namespace provision {

namespace {

tls_files files_of(const config::worker_settings& settings) {
  return {.certificate = settings.certificate,
          .key = settings.key,
          .authority = settings.authority};
}

/// Two that offer workers for one folder would each think that theirs is the
/// only one.
expected<folder_lock> lock(const std::string& data_dir) {
  if (const auto made = folder::make(data_dir); !made)
    return fail(made.error());
  return folder_lock::acquire("the worker's folder", data_dir, "worker.lock");
}

} // namespace

expected<worker_launcher>
dial_remote_worker(const config::worker_settings& settings,
                   const std::string& where) {
  auto at = config::parse_host_and_port(where);
  if (!at)
    return fail(at.error());
  auto tls = open_mutual_tls(files_of(settings), tls_side::client);
  if (!tls)
    return fail(tls.error());
  return dial_worker({.host = at->host, .port = at->port, .tls = *tls});
}

error why_not_elsewhere(const reservation_type& type) {
  if (type == reservation_types::volume || type == reservation_types::zdb)
    return {};
  return {errc::invalid_configuration,
          "workers.listen: " + type.name
            + " is bound to the host of its daemon, where its networks, "
              "volumes and addresses are; only volume and zdb can be served "
              "elsewhere. Set provisioners.isolate there instead"};
}

error offer_worker(const config::node_config& settings,
                   worker_launcher launch) {
  const auto& workers = settings.workers;
  const auto at = config::parse_listen_address(workers.listen);
  if (!at)
    return at.error();
  const auto tls = open_mutual_tls(files_of(workers), tls_side::server);
  if (!tls)
    return tls.error();
  const auto held = lock(settings.node.data_dir);
  if (!held)
    return held.error();
  const auto* socket = std::getenv("NOTIFY_SOCKET");
  const service_manager manager{socket == nullptr ? "" : socket};
  const auto failure = serve_workers(
    {.listen = *at,
     .tls = *tls,
     .daemon = workers.daemon,
     .launch = std::move(launch),
     .on_listening =
       [&](std::uint16_t port) {
         log::info("a worker waits for its daemon", {},
                   {{"address", at->host},
                    {"port", std::to_string(port)},
                    {"daemon", workers.daemon}});
         manager.ready("waiting for " + workers.daemon);
       },
     .on_event = [](const std::string& what) { log::info(what); }});
  manager.stopping();
  return failure;
}

} // namespace provision
