#pragma once

#include <memory>
#include <string>

#include "backends/ability.hpp"
#include "backends/volume_backend.hpp"
#include "config/node_config.hpp"

namespace provision {

/// The back-end that `settings.technique` names; for "auto" the first of
/// btrfs, ext4-image and directory that proves, on a scratch pool beside the
/// real one, that it can make a volume and hold its limit. The choice is kept
/// in "<pool>.technique": a pool never changes its technique by itself, since
/// the volumes of one are invisible to another.
///
/// errc::backend_failure says what is missing and what to install;
/// errc::invalid_configuration if the pool was made by another technique.
///
/// Ending the back-end leaves everything mounted: workloads outlive the
/// daemon.
expected<std::unique_ptr<volume_backend>>
choose_volume_backend(const config::volume_settings& settings,
                      const std::string& pool);

/// What the host could do for volumes in a pool below `folder`: the first
/// technique that proves itself on a scratch pool there. Leaves nothing behind.
ability probe_volumes(const std::string& folder);

/// Unmounts what the back-ends mounted in and on the pool; loop devices go with
/// their last mount. Data stays; opening the pool again brings it back. No
/// back-end may be open on it.
error release_pool(const std::string& pool);

/// Whether the limit of a volume made for this purpose holds: writes twice as
/// much and expects to be refused. Nothing is left of it. errc::backend_failure
/// if the limit does not hold.
error prove_limit(volume_backend& backend, std::uint64_t limit_bytes);

} // namespace provision
