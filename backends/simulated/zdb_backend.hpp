#pragma once

#include <map>
#include <mutex>
#include <string>

#include "backends/zdb_backend.hpp"

namespace provision {

/// Namespaces in memory, served at 192.0.2.7, port 9900; keeps the port's
/// promises and can be told to fail.
class simulated_zdb_backend final : public zdb_backend {
public:
  zdb_facts inspect(std::string_view id) override;
  expected<zdb_place> ensure(const zdb_order& order) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

  /// Every further call fails with this; an empty error heals.
  void fail_with(error what);

  /// The latest order of each namespace that exists.
  std::map<std::string, zdb_order> namespaces() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, zdb_order> namespaces_;
  error fault_;
};

} // namespace provision
