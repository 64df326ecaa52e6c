#include "backends/simulated/gateway_backend.hpp"

#include "messages/reservation.hpp"

namespace provision {

namespace {

reservation_type type_of(const gateway_wish& what) {
  namespace types = reservation_types;
  if (std::holds_alternative<proxied_domain>(what))
    return types::proxy;
  if (std::holds_alternative<tunnelled_domain>(what))
    return types::reverse_proxy;
  return std::holds_alternative<named_addresses>(what) ? types::subdomain
                                                       : types::domain_delegate;
}

} // namespace

gateway_facts simulated_gateway_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return {presence::unknown, fault_.message};
  return {served_.contains(std::string{id}) ? presence::present
                                            : presence::absent,
          {}};
}

error simulated_gateway_backend::ensure(const gateway_order& order) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fault_;
  if (!is_safe_id(order.id))
    return {errc::invalid_reservation, "cannot name a gateway's record"};
  served_[order.id] = order;
  return {};
}

error simulated_gateway_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (!fault_)
    served_.erase(std::string{id});
  return fault_;
}

expected<std::vector<held_object>>
simulated_gateway_backend::list(const reservation_type& type) {
  const std::lock_guard lock{mutex_};
  if (fault_)
    return fail(fault_);
  std::vector<held_object> found;
  for (const auto& [id, order] : served_)
    if (type_of(order.what) == type)
      found.push_back({.id = id});
  return found;
}

void simulated_gateway_backend::fail_with(error what) {
  const std::lock_guard lock{mutex_};
  fault_ = std::move(what);
}

std::map<std::string, gateway_order> simulated_gateway_backend::served() const {
  const std::lock_guard lock{mutex_};
  return served_;
}

} // namespace provision
