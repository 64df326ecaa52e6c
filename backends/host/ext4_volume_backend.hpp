#pragma once

#include <memory>

#include "backends/host/folder.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/volume_backend.hpp"

namespace provision {

/// A volume is an ext4 file system in an image file of the limit's size:
///
///   <pool>/<id>.img      the image, its room taken from the disk at once
///   <pool>/<id>.img.tmp  one that is being made
///   <pool>/mnt/<id>      where it is mounted
///
/// What the file system keeps for itself counts towards the limit. One thread
/// at a time.
class ext4_volume_backend final : public volume_backend {
public:
  /// Needs root. `reason` says why nothing better is used.
  static expected<std::unique_ptr<ext4_volume_backend>>
  open(const std::string& pool, std::string reason = {},
       step_hook before_step = {});

  volume_ability ability() const override;
  volume_facts inspect(std::string_view id) override;
  /// Limits are rounded up to 4 KiB. Shrinking, and growing where the kernel
  /// does not permit it on-line, needs the volume out of use for a moment.
  expected<std::string> ensure(std::string_view id,
                               std::uint64_t limit_bytes) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

private:
  ext4_volume_backend() = default;

  struct state;
  expected<state> find(const std::string& name) const;
  expected<state> look(const std::string& name) const;
  error create(const std::string& name, std::uint64_t bytes);
  error mount(const std::string& name);
  error unmount(const std::string& name);
  error resize(const std::string& name, const state& now, std::uint64_t bytes);
  error resize_in_use(const std::string& name, const state& now,
                      std::uint64_t bytes);
  error resize_at_rest(const std::string& name, std::uint64_t bytes);
  std::string point(const std::string& name) const;

  folder pool_;
  folder points_;
  std::string reason_;
  step_hook before_step_;
};

} // namespace provision
