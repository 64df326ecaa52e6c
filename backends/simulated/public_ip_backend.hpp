#pragma once

#include <map>
#include <mutex>
#include <string>

#include "backends/public_ip_backend.hpp"

namespace provision {

/// Public addresses in memory; keeps the port's promises and can be told to
/// fail.
class simulated_public_ip_backend final : public public_ip_backend {
public:
  public_ip_facts inspect(std::string_view id) override;
  error ensure(const public_ip_order& order) override;
  error destroy(std::string_view id) override;
  expected<public_terms> attach(std::string_view id,
                                std::string_view machine) override;
  error detach(std::string_view id, std::string_view machine) override;
  expected<std::vector<held_object>> list() override;

  /// Every further call fails with this; an empty error heals.
  void fail_with(error what);

  /// The order of each address that is here.
  std::map<std::string, public_ip_order> addresses() const;

private:
  struct entry {
    public_ip_order order = {};
    std::string machine = {};
  };

  mutable std::mutex mutex_;
  std::map<std::string, entry> entries_;
  error fault_;
};

} // namespace provision
