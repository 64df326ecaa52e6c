#include "backends/simulated/public_ip_backend.hpp"

#include "messages/hardware_address.hpp"
#include "messages/reservation.hpp"

namespace provision {

public_ip_facts simulated_public_ip_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return {.state = presence::unknown, .reason = fault_.message};
  const auto found = entries_.find(std::string{id});
  if (found == entries_.end())
    return {};
  return {.state = presence::present, .machine = found->second.machine};
}

error simulated_public_ip_backend::ensure(const public_ip_order& order) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fault_;
  if (!is_safe_id(order.id))
    return {errc::invalid_reservation, "cannot name a public address"};
  for (const auto& [id, other] : entries_)
    if (id != order.id && other.order.address == order.address)
      return {errc::invalid_reservation, "ip: reservation " + id + " has it"};
  entries_[order.id].order = order;
  return {};
}

error simulated_public_ip_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (!fault_)
    entries_.erase(std::string{id});
  return fault_;
}

expected<public_terms>
simulated_public_ip_backend::attach(std::string_view id,
                                    std::string_view machine) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  const auto found = entries_.find(std::string{id});
  if (found == entries_.end())
    return fail(errc::no_such_reservation,
                "public address " + std::string{id} + " is not on this node");
  auto& [order, holder] = found->second;
  if (!holder.empty() && holder != machine)
    return fail(errc::invalid_reservation, "machine " + holder + " has it");
  holder = machine;
  return public_terms{.address = to_string(order.address),
                      .gateway = "192.0.2.1",
                      .hardware_address
                      = to_string(hardware_address_of(order.address.address)),
                      .mtu = 1500};
}

error simulated_public_ip_backend::detach(std::string_view id,
                                          std::string_view machine) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fault_;
  const auto found = entries_.find(std::string{id});
  if (found != entries_.end() && found->second.machine == machine)
    found->second.machine.clear();
  return {};
}

expected<std::vector<held_object>> simulated_public_ip_backend::list() {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  std::vector<held_object> all;
  for (const auto& [id, one] : entries_)
    all.push_back({.id = id, .what = to_string(one.order.address)});
  return all;
}

void simulated_public_ip_backend::fail_with(error what) {
  const std::lock_guard lock{mutex_};
  fault_ = std::move(what);
}

std::map<std::string, public_ip_order>
simulated_public_ip_backend::addresses() const {
  const std::lock_guard lock{mutex_};
  std::map<std::string, public_ip_order> result;
  for (const auto& [id, one] : entries_)
    result.emplace(id, one.order);
  return result;
}

} // namespace provision
