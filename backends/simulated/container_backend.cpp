#include "backends/simulated/container_backend.hpp"

#include "messages/reservation.hpp"

namespace provision {

container_facts simulated_container_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return {.state = presence::unknown, .reason = fault_.message};
  return {.state = containers_.contains(std::string{id}) ? presence::present
                                                         : presence::absent};
}

error simulated_container_backend::ensure(const container_order& order) {
  const std::lock_guard lock{mutex_};
  if (!fault_ && !is_safe_id(order.id))
    return {errc::invalid_reservation, "cannot name a container"};
  if (!fault_)
    containers_.try_emplace(order.id, order);
  return fault_;
}

error simulated_container_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (!fault_)
    containers_.erase(std::string{id});
  return fault_;
}

expected<workload_usage>
simulated_container_backend::usage(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  const auto found = containers_.find(std::string{id});
  if (found == containers_.end())
    return fail(errc::no_such_reservation, "there is no such container");
  const auto& order = found->second;
  return workload_usage{.memory_bytes = order.memory_bytes / 2,
                        .disk_bytes = order.disk_bytes / 2,
                        .disk_bytes_max = order.disk_bytes};
}

void simulated_container_backend::fail_with(error what) {
  const std::lock_guard lock{mutex_};
  fault_ = std::move(what);
}

std::map<std::string, container_order>
simulated_container_backend::containers() const {
  const std::lock_guard lock{mutex_};
  return containers_;
}

expected<std::vector<held_object>> simulated_container_backend::list() {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  std::vector<held_object> held;
  for (const auto& [id, order] : containers_)
    held.push_back({.id = id, .volumes = {id}});
  return held;
}

} // namespace provision
