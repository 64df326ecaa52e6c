#include "actors/provisioners/gateway.hpp"

#include <limits>
#include <string>
#include <utility>

#include "messages/json/gateway.hpp"
#include "messages/workloads/domain_name.hpp"

namespace provision {

namespace {

using workloads::ip_address;
using wish = expected<gateway_wish>;

/// What the router takes of a client.
constexpr std::size_t secret_bytes_max = 1024;

tl::unexpected<error> refuse(const std::string& why) {
  return fail(errc::invalid_reservation, why);
}

expected<std::string> read_domain(const std::string& text) {
  auto domain = workloads::parse_domain(text);
  // Its text is not repeated: who knows what is in it.
  return domain ? std::move(domain)
                : refuse("domain: " + domain.error().message);
}

expected<ip_address> read_address(const std::string& field,
                                  const std::string& text) {
  const auto read = workloads::parse_ip(text);
  if (!read || read->family == ip_address::kind::none)
    return refuse(field + ": is no address; names are not looked up");
  return *read;
}

expected<std::uint16_t> read_port(const std::string& field,
                                  std::uint32_t number) {
  if (number > std::numeric_limits<std::uint16_t>::max())
    return refuse(field + ": " + std::to_string(number)
                  + " is none from 0 to 65535");
  return static_cast<std::uint16_t>(number);
}

/// What each type asks of the back-end, checked.
struct wish_reader {
  const gateway_desk& desk;
  const reservation& r;

  wish operator()(const workloads::proxy& from) const {
    auto domain = read_domain(from.domain);
    if (!domain)
      return fail(domain.error());
    const auto address = read_address("addr", from.addr);
    if (!address)
      return fail(address.error());
    const auto port = read_port("port", from.port);
    const auto tls_port = read_port("port_tls", from.port_tls);
    if (!port || !tls_port)
      return fail(port ? tls_port.error() : port.error());
    return proxied_domain{std::move(*domain), *address, *port, *tls_port};
  }

  /// As in the original the secret begins with its user's number, so that
  /// nobody can say another's.
  wish operator()(const workloads::reverse_proxy& from) const {
    auto domain = read_domain(from.domain);
    if (!domain)
      return fail(domain.error());
    const auto said = desk.open_secret(r, from.secret);
    if (!said)
      return fail(said.error().code, "secret: " + said.error().message);
    const auto begin = r.user_id + ':';
    if (!said->reveal().starts_with(begin) || said->size() <= begin.size())
      return refuse("secret: is not \"" + begin + "\" and something behind it");
    if (said->size() > secret_bytes_max)
      return refuse("secret: is longer than " + std::to_string(secret_bytes_max)
                    + " bytes");
    return tunnelled_domain{std::move(*domain), secret_digest(*said)};
  }

  wish operator()(const workloads::subdomain& from) const {
    auto domain = read_domain(from.domain);
    if (!domain)
      return fail(domain.error());
    named_addresses made{std::move(*domain), {}};
    for (const auto& text : from.ips) {
      const auto address = read_address("ips", text);
      if (!address)
        return fail(address.error());
      made.addresses.push_back(*address);
    }
    if (made.addresses.empty())
      return refuse("ips: must not be empty");
    return made;
  }

  wish operator()(const workloads::domain_delegate& from) const {
    auto domain = read_domain(from.domain);
    if (!domain)
      return fail(domain.error());
    return delegated_domain{std::move(*domain)};
  }

  template <class T>
  wish operator()(const T&) const {
    return refuse("type: is none that this gateway serves");
  }
};

expected<std::string> provision_gateway(const gateway_desk& desk,
                                        const reservation& r) {
  const auto explain = [&r](const std::string& why) {
    return refuse("reservation " + r.id + ": " + why);
  };
  const auto wanted = json::read_gateway(r.type, r.data);
  if (!wanted)
    return explain("data: " + wanted.error().message);
  auto what = std::visit(wish_reader{desk, r}, *wanted);
  if (!what)
    return fail(what.error().code,
                "reservation " + r.id + ": " + what.error().message);
  if (auto failed = desk.backend->ensure({.id = filesystem_name(r),
                                          .user_id = r.user_id,
                                          .what = std::move(*what)}))
    return fail(std::move(failed));
  return "null";
}

} // namespace

workload_functions gateway_functions(gateway_desk desk) {
  auto shared = std::make_shared<const gateway_desk>(std::move(desk));
  return {
    .provision
    = [shared](const reservation& r) { return provision_gateway(*shared, r); },
    .decommission =
      [shared](const reservation& r) {
        return shared->backend->destroy(filesystem_name(r));
      }};
}

} // namespace provision
