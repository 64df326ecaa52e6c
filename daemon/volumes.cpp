#include "daemon/volumes.hpp"

#include <utility>

#include "actors/provisioners/volume.hpp"
#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/shared_volume_backend.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

void tell_of_volumes(node_summary& summary, const workload_site& site,
                     const volume_ability& found) {
  summary.volumes = found.technique;
  if (found.enforced)
    return;
  summary.volumes += " (sizes are not enforced)";
  if (site.keeps_up)
    log::warn("volume sizes are not enforced on this host: " + found.reason);
}

} // namespace

error add_volumes(engine_options& options, node_summary& summary,
                  workload_site& site, const config::node_config& settings,
                  const node_paths& paths) {
  // By its one true name: other spellings of the path are the same pool.
  const auto pool = folder::make(paths.volumes);
  if (!pool)
    return pool.error();
  auto lock = std::make_unique<process_mutex>(pool->path() + ".lock");
  if (lock->trouble())
    return lock->trouble();
  auto chosen = choose_volume_backend(settings.volumes, paths.volumes);
  if (!chosen)
    return chosen.error();
  std::shared_ptr<volume_backend> backend
    = std::make_shared<shared_volume_backend>(std::move(*chosen),
                                              std::move(lock));
  tell_of_volumes(summary, site, backend->ability());
  site.volumes = backend;
  add_meter(site, reservation_types::volume, backend);
  options.provisioners[reservation_types::volume]
    = volume_functions(std::move(backend));
  return {};
}

} // namespace provision
