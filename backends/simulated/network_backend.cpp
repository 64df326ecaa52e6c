#include "backends/simulated/network_backend.hpp"

#include <utility>

#include "messages/reservation.hpp"

namespace provision {

void simulated_network_backend::fail_with(error what) {
  const std::lock_guard lock{mutex_};
  fault_ = std::move(what);
}

std::map<std::string, network_order>
simulated_network_backend::networks() const {
  const std::lock_guard lock{mutex_};
  std::map<std::string, network_order> result;
  for (const auto& [id, network] : networks_)
    result.emplace(id, network.latest);
  return result;
}

network_facts simulated_network_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return {.state = presence::unknown, .reason = fault_.message};
  return {.state
          = networks_.contains(id) ? presence::present : presence::absent};
}

error simulated_network_backend::ensure(const network_order& order) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fault_;
  if (!is_safe_id(order.id) || !is_safe_id(order.holder))
    return {errc::invalid_reservation, "network id is not usable"};
  const auto found = networks_.find(order.id);
  if (found != networks_.end() && found->second.latest.user_id != order.user_id)
    return {errc::invalid_reservation,
            "network " + order.id + " is another user's on this node"};
  auto& network = networks_[order.id];
  network.latest = order;
  network.holders.insert(order.holder);
  return {};
}

error simulated_network_backend::destroy(std::string_view id,
                                         std::string_view holder) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fault_;
  const auto found = networks_.find(id);
  if (found == networks_.end())
    return {};
  auto& holders = found->second.holders;
  if (const auto held = holders.find(holder); held != holders.end())
    holders.erase(held);
  if (holders.empty())
    networks_.erase(found);
  return {};
}

expected<network_terms>
simulated_network_backend::terms(std::string_view id,
                                 const workloads::ip_address& address) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  const auto found = networks_.find(id);
  if (found == networks_.end())
    return fail(errc::invalid_reservation,
                "network " + std::string{id} + " is not on this node");
  return network_terms{.address = to_string(address) + "/24",
                       .gateway = "10.1.2.1",
                       .range = "10.1.0.0/16",
                       .mtu = 1420};
}

expected<std::string>
simulated_network_backend::attach(std::string_view id,
                                  const network_member& member) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  const auto found = networks_.find(id);
  if (found == networks_.end())
    return fail(errc::invalid_reservation,
                "network " + std::string{id} + " is not on this node");
  found->second.members.insert(member.id);
  return "/simulated/" + member.id;
}

error simulated_network_backend::detach(std::string_view id,
                                        std::string_view member) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fault_;
  if (const auto found = networks_.find(id); found != networks_.end())
    if (const auto held = found->second.members.find(member);
        held != found->second.members.end())
      found->second.members.erase(held);
  return {};
}

expected<std::vector<held_object>> simulated_network_backend::list() {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  std::vector<held_object> held;
  for (const auto& [id, one] : networks_)
    for (const auto& holder : one.holders)
      held.push_back({.id = holder, .what = id});
  return held;
}

} // namespace provision
