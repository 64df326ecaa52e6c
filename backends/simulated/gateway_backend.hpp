#pragma once

#include <map>
#include <mutex>
#include <string>

#include "backends/gateway_backend.hpp"

namespace provision {

/// A gateway in memory; keeps the port's promises, asks nobody whose a domain
/// is, and can be told to fail.
class simulated_gateway_backend final : public gateway_backend {
public:
  gateway_facts inspect(std::string_view id) override;
  error ensure(const gateway_order& order) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>>
  list(const reservation_type& type) override;

  /// Every further call fails with this; an empty error heals.
  void fail_with(error what);

  /// The latest order of each reservation that is served.
  std::map<std::string, gateway_order> served() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, gateway_order> served_;
  error fault_;
};

} // namespace provision
