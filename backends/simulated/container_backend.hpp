#pragma once

#include <map>
#include <mutex>
#include <string>

#include "backends/container_backend.hpp"

namespace provision {

/// Containers in memory; keeps the port's promises and can be told to fail.
class simulated_container_backend final : public container_backend {
public:
  container_facts inspect(std::string_view id) override;
  error ensure(const container_order& order) override;
  error destroy(std::string_view id) override;
  /// Half of what was asked for.
  expected<workload_usage> usage(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

  /// Every further call fails with this; an empty error heals.
  void fail_with(error what);

  /// The order of each container that exists.
  std::map<std::string, container_order> containers() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, container_order> containers_;
  error fault_;
};

} // namespace provision
