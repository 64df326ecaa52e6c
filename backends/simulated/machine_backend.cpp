#include "backends/simulated/machine_backend.hpp"

#include "messages/reservation.hpp"

namespace provision {

machine_facts simulated_machine_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return {.state = presence::unknown, .reason = fault_.message};
  return {.state = machines_.contains(std::string{id}) ? presence::present
                                                       : presence::absent};
}

error simulated_machine_backend::ensure(const machine_order& order) {
  const std::lock_guard lock{mutex_};
  if (!fault_ && !is_safe_id(order.id))
    return {errc::invalid_reservation, "cannot name a machine"};
  if (!fault_)
    machines_.try_emplace(order.id, order);
  return fault_;
}

error simulated_machine_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (!fault_)
    machines_.erase(std::string{id});
  return fault_;
}

expected<workload_usage> simulated_machine_backend::usage(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  const auto found = machines_.find(std::string{id});
  if (found == machines_.end())
    return fail(errc::no_such_reservation, "there is no such machine");
  const auto& order = found->second;
  return workload_usage{.memory_bytes = order.memory_bytes / 2,
                        .disk_bytes = order.disk_bytes / 2,
                        .disk_bytes_max = order.disk_bytes};
}

void simulated_machine_backend::fail_with(error what) {
  const std::lock_guard lock{mutex_};
  fault_ = std::move(what);
}

std::map<std::string, machine_order>
simulated_machine_backend::machines() const {
  const std::lock_guard lock{mutex_};
  return machines_;
}

expected<std::vector<held_object>> simulated_machine_backend::list() {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  std::vector<held_object> held;
  for (const auto& [id, order] : machines_)
    held.push_back({.id = id, .volumes = {id}});
  return held;
}

} // namespace provision
