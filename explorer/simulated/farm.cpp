#include "explorer/simulated/farm.hpp"

#include <algorithm>
#include <cctype>

#include "explorer/simulated/number_text.hpp"
#include "explorer/simulated/object_reader.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

bool move_ip(farm& f, const workloads::ip_range& address, std::int64_t from,
             std::int64_t to) {
  if (f.ipaddresses)
    for (auto& each : *f.ipaddresses)
      if (each.address == address && each.reservation_id == from) {
        each.reservation_id = to;
        return true;
      }
  return false;
}

expected<farm_ip> read_ip(object_reader& reader) {
  std::string address;
  std::string gateway;
  farm_ip ip;
  reader.read("address", address);
  reader.read("gateway", gateway);
  reader.read("reservation_id", ip.reservation_id);
  auto range = workloads::parse_cidr(address);
  if (!range)
    return fail(range.error());
  auto next = workloads::parse_ip(gateway);
  if (!next)
    return fail(next.error());
  ip.address = *range;
  ip.gateway = *next;
  return ip;
}

expected<std::vector<farm_ip>> read_ips(std::vector<object_reader>& readers) {
  std::vector<farm_ip> ips;
  for (auto& each : readers) {
    auto ip = read_ip(each);
    if (!ip)
      return fail(ip.error());
    ips.push_back(*ip);
  }
  return ips;
}

void read_price(object_reader reader, cloud_units_price& price) {
  reader.read("currency", price.currency);
  reader.read("cu", price.cu);
  reader.read("su", price.su);
  reader.read("nu", price.nu);
  reader.read("ipv4u", price.ipv4u);
}

std::string write(const cloud_units_price& price) {
  return "{\"currency\":" + std::to_string(price.currency) + ",\"cu\":"
         + number_text(price.cu) + ",\"su\":" + number_text(price.su)
         + ",\"nu\":" + number_text(price.nu)
         + ",\"ipv4u\":" + number_text(price.ipv4u) + "}";
}

std::string write(const wallet_address& wallet) {
  return "{\"asset\":" + json::quote(wallet.asset)
         + ",\"address\":" + json::quote(wallet.address) + "}";
}

std::string write(const farm_ip& ip) {
  return "{\"address\":" + json::quote(workloads::to_string(ip.address))
         + ",\"gateway\":" + json::quote(workloads::to_string(ip.gateway))
         + ",\"reservation_id\":" + std::to_string(ip.reservation_id) + "}";
}

template <class Element>
std::string write(const std::optional<std::vector<Element>>& list) {
  if (!list)
    return "null";
  std::string text = "[";
  for (const auto& each : *list)
    text.append(text.size() > 1 ? "," : "").append(write(each));
  return text + "]";
}

} // namespace

bool farm::reserve_ip(const workloads::ip_range& address,
                      std::int64_t workload) {
  return move_ip(*this, address, 0, workload);
}

bool farm::release_ip(const workloads::ip_range& address,
                      std::int64_t workload) {
  return workload != 0 && move_ip(*this, address, workload, 0);
}

expected<farm> read_farm(std::string_view json) {
  auto reader = object_reader::parse(json);
  if (!reader)
    return fail(reader.error());
  farm f;
  std::string prefix;
  reader->read("id", f.id);
  reader->read("threebot_id", f.threebot_id);
  reader->read("iyo_organization", f.iyo_organization);
  reader->read("name", f.name);
  reader->read("email", f.email);
  reader->read_raw("resource_prices", f.resource_prices);
  reader->read("prefix_zero", prefix);
  reader->read("enable_custom_pricing", f.enable_custom_pricing);
  f.location = read_location(reader->child("location"));
  read_price(reader->child("farm_cloudunits_price"), f.price);
  if (auto wallets = reader->children("wallet_addresses")) {
    f.wallet_addresses.emplace();
    for (auto& each : *wallets) {
      auto& wallet = f.wallet_addresses->emplace_back();
      each.read("asset", wallet.asset);
      each.read("address", wallet.address);
    }
  }
  if (auto list = reader->children("ipaddresses")) {
    auto ips = read_ips(*list);
    if (!ips)
      return fail(ips.error());
    f.ipaddresses = std::move(*ips);
  }
  auto range = workloads::parse_cidr(prefix);
  if (!range)
    return fail(range.error());
  f.prefix_zero = *range;
  if (auto broken = reader->failure())
    return fail(broken);
  return f;
}

expected<std::vector<farm_ip>> read_farm_ips(std::string_view json) {
  auto list = parse_objects(json);
  if (!list)
    return fail(list.error());
  if (!*list)
    return std::vector<farm_ip>{};
  auto ips = read_ips(**list);
  if (!ips)
    return ips;
  // Only the explorer says who holds an address.
  for (auto& each : *ips)
    each.reservation_id = 0;
  return ips;
}

error validate(const farm& f) {
  auto broken = [](std::string text) {
    return error{errc::invalid_reservation, std::move(text)};
  };
  auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  };
  if (f.name.empty() || !std::all_of(f.name.begin(), f.name.end(), allowed))
    return broken("invalid farm name. name can only contain alphanumeric "
                  "characters dash (-) or underscore (_)");
  if (f.threebot_id == 0)
    return broken("threebot_id is required");
  if (!f.wallet_addresses || f.wallet_addresses->empty())
    return broken("invalid wallet_addresses, is required");
  return {};
}

std::string write(const farm& f) {
  return "{\"id\":" + std::to_string(f.id)
         + ",\"threebot_id\":" + std::to_string(f.threebot_id)
         + ",\"iyo_organization\":" + json::quote(f.iyo_organization)
         + ",\"name\":" + json::quote(f.name) + ",\"wallet_addresses\":"
         + write(f.wallet_addresses) + ",\"location\":" + write(f.location)
         + ",\"email\":" + json::quote(f.email)
         + ",\"resource_prices\":" + f.resource_prices + ",\"prefix_zero\":"
         + json::quote(workloads::to_string(f.prefix_zero))
         + ",\"ipaddresses\":" + write(f.ipaddresses)
         + ",\"enable_custom_pricing\":"
         + (f.enable_custom_pricing ? "true" : "false")
         + ",\"farm_cloudunits_price\":" + write(f.price) + "}";
}

} // namespace provision::simulated
