#pragma once

#include <memory>

#include "backends/host/folder.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/volume_backend.hpp"

namespace provision {

/// A volume is a plain folder <pool>/<id>: no limit, works anywhere. Usage is
/// not measured.
class directory_volume_backend final : public volume_backend {
public:
  /// `reason` says why nothing better is used.
  static expected<std::unique_ptr<directory_volume_backend>>
  open(const std::string& pool, std::string reason, step_hook before_step = {});

  volume_ability ability() const override;
  volume_facts inspect(std::string_view id) override;
  expected<std::string> ensure(std::string_view id,
                               std::uint64_t limit_bytes) override;
  /// Refuses while something is mounted inside.
  error destroy(std::string_view id) override;
  /// Walks through all of it.
  expected<workload_usage> usage(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

private:
  directory_volume_backend() = default;

  folder pool_;
  std::string reason_;
  step_hook before_step_;
};

} // namespace provision
