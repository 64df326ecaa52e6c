#include "backends/simulated/ipv6_gateway_backend.hpp"

#include <utility>

namespace provision {

ipv6_client_facts simulated_ipv6_gateway_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  return {.state
          = clients_.contains(id) ? presence::present : presence::absent};
}

expected<ipv6_client_terms>
simulated_ipv6_gateway_backend::ensure(const ipv6_client_order& order) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  clients_[order.id] = order.public_key;
  return ipv6_client_terms{.address = "2001:db8::1/128",
                           .gateway_key = "the node's",
                           .endpoint = "192.0.2.1:51820",
                           .reach = "2000::/3"};
}

error simulated_ipv6_gateway_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (!fault_)
    if (const auto found = clients_.find(id); found != clients_.end())
      clients_.erase(found);
  return fault_;
}

expected<std::vector<held_object>> simulated_ipv6_gateway_backend::list() {
  const std::lock_guard lock{mutex_};
  std::vector<held_object> held;
  for (const auto& [id, key] : clients_)
    held.push_back({.id = id, .what = key});
  return held;
}

void simulated_ipv6_gateway_backend::fail_with(error what) {
  const std::lock_guard lock{mutex_};
  fault_ = std::move(what);
}

std::map<std::string, std::string, std::less<>>
simulated_ipv6_gateway_backend::clients() const {
  const std::lock_guard lock{mutex_};
  return clients_;
}

} // namespace provision
