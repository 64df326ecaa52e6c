#include "backends/host/gateway_rules.hpp"

#include <algorithm>
#include <utility>

#include "backends/host/own_addresses.hpp"
#include "messages/reservation.hpp"
#include "messages/workloads/domain_name.hpp"

namespace provision {

namespace {

using workloads::ip_address;
using workloads::is_in_domain;

error refuse(const std::string& field, const std::string& why) {
  return {errc::invalid_reservation, field + ": " + why};
}

error unavailable(const std::string& why) {
  return {errc::host_unavailable, why};
}

/// A zone without its names.
struct zone_owner {
  std::string domain = {};
  std::string owner = {};
};

/// The innermost zone around a name; its domain is empty if there is none.
zone_owner zone_around(const gateway_book& book, const gateway_terms& terms,
                       std::string_view name) {
  zone_owner found;
  const auto offer = [&](const std::string& domain, const std::string& owner) {
    if (is_in_domain(name, domain) && domain.size() > found.domain.size())
      found = {domain, owner};
  };
  for (const auto& domain : terms.domains)
    offer(domain, {});
  for (const auto& [id, record] : book)
    if (std::holds_alternative<delegated_domain>(record.what))
      offer(domain_of(record), record.user_id);
  return found;
}

/// What each kind demands besides that nobody else has the domain.
struct kind_rules {
  const gateway_book& book;
  const std::string& id;
  const gateway_terms& terms;

  error operator()(const proxied_domain& what) const {
    if (what.port == 0 && what.tls_port == 0)
      return refuse("port", "neither it nor port_tls is set");
    if (what.port != 0 && !terms.has_http)
      return unavailable("this node passes no HTTP on; set "
                         "gateway.http_listen");
    if (what.tls_port != 0 && !terms.has_tls)
      return unavailable("this node passes no TLS on; set gateway.tls_listen");
    if (is_reserved(what.address))
      return refuse("addr", to_string(what.address)
                              + " is none that a gateway passes anything to");
    return {};
  }

  error operator()(const tunnelled_domain&) const {
    return terms.has_tunnels
             ? error{}
             : unavailable("this node carries nothing to clients that dial in; "
                           "set gateway.http_listen or gateway.tls_listen");
  }

  error operator()(const named_addresses& what) const {
    if (!terms.has_zones)
      return no_zones();
    if (what.addresses.empty())
      return refuse("ips", "must not be empty");
    const auto zone = zone_around(book, terms, what.domain);
    if (zone.domain.empty())
      return refuse("domain", what.domain
                                + " is in none that is delegated to this node; "
                                  "delegate its domain first");
    return zone.owner.empty() ? in_own_domain(what, zone.domain) : error{};
  }

  error operator()(const delegated_domain& what) const {
    if (!terms.has_zones)
      return no_zones();
    for (const auto& own : terms.domains)
      if (is_in_domain(what.domain, own))
        return refuse("domain", what.domain + " is in " + own
                                  + ", which is the node's own");
    for (const auto& server : terms.name_servers)
      if (is_in_domain(server, what.domain))
        return refuse("domain",
                      "the DNS server " + server + " is in " + what.domain);
    return {};
  }

  static error no_zones() {
    return unavailable("this node keeps no zones; set gateway.zone_folder");
  }

  /// As in the original: one name deep, one reservation each.
  error in_own_domain(const named_addresses& what,
                      const std::string& zone) const {
    if (what.domain == zone)
      return refuse("domain", zone + " is the node's own");
    const auto label
      = what.domain.substr(0, what.domain.size() - zone.size() - 1);
    if (label.find('.') != label.npos)
      return refuse("domain",
                    "only names directly in " + zone + " can be reserved");
    for (const auto& [other, record] : book)
      if (other != id && std::holds_alternative<named_addresses>(record.what)
          && domain_of(record) == what.domain)
        return refuse("domain",
                      what.domain + " is reserved already, by " + other);
    return {};
  }
};

void add_addresses(std::vector<ip_address>& to,
                   const std::vector<ip_address>& from) {
  for (const auto& one : from)
    if (std::ranges::find(to, one) == to.end())
      to.push_back(one);
}

} // namespace

error check_claim(const gateway_book& book, const std::string& id,
                  const gateway_record& wanted, const gateway_terms& terms) {
  auto others = book;
  others.erase(id);
  const auto& domain = domain_of(wanted);
  for (const auto& [other, record] : others)
    if (record.user_id != wanted.user_id && domain_of(record) == domain)
      return refuse("domain", domain + " is another user's");
  const auto zone = zone_around(others, terms, domain);
  if (!zone.owner.empty() && zone.owner != wanted.user_id)
    return refuse("domain",
                  domain + " is in " + zone.domain + ", another user's");
  return std::visit(kind_rules{others, id, terms}, wanted.what);
}

std::map<std::string, std::string> served_domains(const gateway_book& book) {
  std::map<std::string, std::string> served;
  for (const auto& [id, record] : book) {
    if (!is_proxy(record))
      continue;
    auto [place, is_new] = served.try_emplace(domain_of(record), id);
    if (!is_new && is_later(id, place->second))
      place->second = id;
  }
  return served;
}

bool is_proxy(const gateway_record& record) {
  return std::holds_alternative<proxied_domain>(record.what)
         || std::holds_alternative<tunnelled_domain>(record.what);
}

std::vector<dns_zone> zones_of(const gateway_book& book,
                               const gateway_terms& terms) {
  std::map<std::string, dns_zone> zones;
  if (!terms.has_zones)
    return {};
  for (const auto& domain : terms.domains)
    zones[domain].domain = domain;
  for (const auto& [id, record] : book)
    if (const auto* what = std::get_if<delegated_domain>(&record.what))
      zones[what->domain] = {what->domain, record.user_id, {}};
  for (const auto& [id, record] : book) {
    const auto* what = std::get_if<named_addresses>(&record.what);
    if (what == nullptr)
      continue;
    const auto around = zone_around(book, terms, what->domain);
    if (around.domain.empty()
        || (!around.owner.empty() && around.owner != record.user_id))
      continue;
    add_addresses(zones[around.domain].names[what->domain], what->addresses);
  }
  std::vector<dns_zone> sorted;
  for (auto& [domain, zone] : zones)
    sorted.push_back(std::move(zone));
  return sorted;
}

bool is_later(std::string_view id, std::string_view other) {
  const auto a = split_reservation_id(id);
  const auto b = split_reservation_id(other);
  return a && b ? *a > *b : id > other;
}

} // namespace provision
