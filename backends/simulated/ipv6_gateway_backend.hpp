#pragma once

#include <map>
#include <mutex>
#include <string>

#include "backends/ipv6_gateway_backend.hpp"

namespace provision {

/// Clients in memory; keeps the port's promises, gives each the address
/// 2001:db8::1 and can be told to fail.
class simulated_ipv6_gateway_backend final : public ipv6_gateway_backend {
public:
  ipv6_client_facts inspect(std::string_view id) override;
  expected<ipv6_client_terms> ensure(const ipv6_client_order& order) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

  /// Every further call fails with this; an empty error heals.
  void fail_with(error what);

  /// Keys by reservation.
  std::map<std::string, std::string, std::less<>> clients() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> clients_;
  error fault_;
};

} // namespace provision
