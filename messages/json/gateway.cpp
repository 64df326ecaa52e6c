#include "messages/json/gateway.hpp"

#include <array>
#include <optional>
#include <utility>
#include <variant>

#include "messages/json/forms.hpp"

namespace provision::json {

template <>
inline constexpr std::array fields<workloads::proxy>{
  member<&workloads::proxy::domain>("domain"),
  member<&workloads::proxy::addr>("addr"),
  member<&workloads::proxy::port>("port"),
  member<&workloads::proxy::port_tls>("port_tls"),
};

template <>
inline constexpr std::array fields<workloads::reverse_proxy>{
  member<&workloads::reverse_proxy::domain>("domain"),
  member<&workloads::reverse_proxy::secret>("secret"),
};

template <>
inline constexpr std::array fields<workloads::subdomain>{
  member<&workloads::subdomain::domain>("domain"),
  member<&workloads::subdomain::ips>("destination"),
};

template <>
inline constexpr std::array fields<workloads::domain_delegate>{
  member<&workloads::domain_delegate::domain>("domain"),
};

template <>
inline constexpr std::array fields<workloads::gateway4to6>{
  member<&workloads::gateway4to6::public_key>("public_key"),
};

namespace {

namespace types = reservation_types;

std::optional<workloads::gateway> empty_gateway(const reservation_type& type) {
  if (type == types::proxy)
    return workloads::proxy{};
  if (type == types::reverse_proxy)
    return workloads::reverse_proxy{};
  if (type == types::subdomain)
    return workloads::subdomain{};
  if (type == types::domain_delegate)
    return workloads::domain_delegate{};
  if (type == types::gateway4to6)
    return workloads::gateway4to6{};
  return std::nullopt;
}

} // namespace

expected<workloads::gateway> read_gateway(const reservation_type& type,
                                          std::string_view data,
                                          const limits& bounds) {
  auto what = empty_gateway(type);
  if (!what)
    return fail(errc::unknown_workload_type,
                type.name + " is no type of a gateway");
  reader in{bounds};
  json_object top;
  const bool is_read
    = in.open(data, top)
      && std::visit(
        [&]<class T>(T& arguments) {
          return read_members<T>(in, top, arguments, fields<T>);
        },
        *what);
  return is_read ? expected<workloads::gateway>{std::move(*what)}
                 : fail(in.take_failure());
}

std::string write(const workloads::gateway& what) {
  std::string out;
  std::visit([&](const auto& arguments) { write_value(out, arguments); }, what);
  return out;
}

} // namespace provision::json
