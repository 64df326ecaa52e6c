#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "backends/network_backend.hpp"

namespace provision {

/// Networks in memory; keeps the port's promises and can be told to fail.
class simulated_network_backend final : public network_backend {
public:
  network_facts inspect(std::string_view id) override;
  error ensure(const network_order& order) override;
  error destroy(std::string_view id, std::string_view holder) override;
  expected<network_terms> terms(std::string_view id,
                                const workloads::ip_address& address) override;
  expected<std::string> attach(std::string_view id,
                               const network_member& member) override;
  error detach(std::string_view id, std::string_view member) override;
  expected<std::vector<held_object>> list() override;

  /// Every further call fails with this; an empty error heals.
  void fail_with(error what);

  /// The latest order of each network that exists.
  std::map<std::string, network_order> networks() const;

private:
  struct network {
    network_order latest = {};
    std::set<std::string, std::less<>> holders = {};
    std::set<std::string, std::less<>> members = {};
  };

  mutable std::mutex mutex_;
  std::map<std::string, network, std::less<>> networks_;
  error fault_;
};

} // namespace provision
