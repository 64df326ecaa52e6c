#pragma once

#include <memory>

#include "backends/host/btrfs_calls.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/volume_backend.hpp"

namespace provision {

/// Where btrfs volumes live.
struct btrfs_pool {
  /// A folder on btrfs, or one on which an image is mounted.
  std::string folder = {};
  /// Size of the image "<folder>.img" that is made, taken from the disk at
  /// once and mounted if `folder` is not on btrfs; bytes. 0: none is made.
  std::uint64_t image_bytes = 0;
  /// What is tried first; quotas that are on already stay as they are.
  btrfs::quota_mode quotas = btrfs::quota_mode::simple;
  step_hook before_step = {};
};

/// A volume is a subvolume in a limited quota group of its own:
///
///   <pool>.img            the file system, unless the folder is on btrfs
///   <pool>/vol/<id>       subvolume
///   <pool>/removing/<id>  mark: its quota group is still to be removed
///   1/<reservation << 8 | workload>   quota group, level 1
///
/// Everything follows from the id, so nothing is remembered elsewhere. One
/// thread at a time.
class btrfs_volume_backend final : public volume_backend {
public:
  /// Mounts the pool if it is not mounted. Needs root.
  static expected<std::unique_ptr<btrfs_volume_backend>> open(btrfs_pool pool);

  volume_ability ability() const override;
  volume_facts inspect(std::string_view id) override;
  /// Ids need not only be safe but reservation ids with a workload number of
  /// at most 255. A limit below what is used: errc::invalid_reservation.
  expected<std::string> ensure(std::string_view id,
                               std::uint64_t limit_bytes) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

private:
  btrfs_volume_backend() = default;

  error check_before_change(const std::string& name, std::uint64_t group,
                            std::uint64_t limit_bytes);
  error converge(const std::string& name, std::uint64_t group,
                 std::uint64_t limit_bytes);
  error ensure_membership(const std::string& name, std::uint64_t group);
  error remove_volume(const std::string& name);
  error widen(const std::string& name);
  error remove_group(const std::string& name, std::uint64_t group);
  void collect();

  folder pool_;
  folder volumes_;
  folder removing_;
  btrfs::quota_mode quotas_ = btrfs::quota_mode::simple;
  step_hook before_step_;
};

} // namespace provision
