#include "backends/simulated/zdb_backend.hpp"

#include "messages/reservation.hpp"

namespace provision {

zdb_facts simulated_zdb_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return {.state = presence::unknown, .reason = fault_.message};
  const auto found = namespaces_.find(std::string{id});
  if (found == namespaces_.end())
    return {};
  return {.state = presence::present,
          .size_bytes = found->second.size_bytes,
          .has_password = !found->second.password.empty(),
          .is_public = found->second.is_public};
}

expected<zdb_place> simulated_zdb_backend::ensure(const zdb_order& order) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  if (!is_safe_id(order.id))
    return fail(errc::invalid_reservation, "cannot name a namespace");
  namespaces_[order.id] = order;
  return zdb_place{.addresses = {"192.0.2.7"}, .port = 9900};
}

error simulated_zdb_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (!fault_)
    namespaces_.erase(std::string{id});
  return fault_;
}

expected<std::vector<held_object>> simulated_zdb_backend::list() {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  std::vector<held_object> held;
  for (const auto& [id, order] : namespaces_)
    held.push_back({.id = id});
  return held;
}

void simulated_zdb_backend::fail_with(error what) {
  const std::lock_guard lock{mutex_};
  fault_ = std::move(what);
}

std::map<std::string, zdb_order> simulated_zdb_backend::namespaces() const {
  const std::lock_guard lock{mutex_};
  return namespaces_;
}

} // namespace provision
