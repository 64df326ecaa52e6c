#pragma once

#include <map>
#include <mutex>
#include <string>

#include "backends/machine_backend.hpp"

namespace provision {

/// Machines in memory; keeps the port's promises and can be told to fail.
class simulated_machine_backend final : public machine_backend {
public:
  machine_facts inspect(std::string_view id) override;
  error ensure(const machine_order& order) override;
  error destroy(std::string_view id) override;
  /// Half of what was asked for.
  expected<workload_usage> usage(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

  /// Every further call fails with this; an empty error heals.
  void fail_with(error what);

  /// The order of each machine that exists.
  std::map<std::string, machine_order> machines() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, machine_order> machines_;
  error fault_;
};

} // namespace provision
