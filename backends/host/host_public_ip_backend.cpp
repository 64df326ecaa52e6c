#include "backends/host/host_public_ip_backend.hpp"

#include <algorithm>

#include "backends/host/address_probe.hpp"
#include "backends/host/net_space.hpp"
#include "messages/hardware_address.hpp"
#include "messages/reservation.hpp"

namespace provision {

namespace {

using workloads::ip_address;
using workloads::ip_range;

error refuse(std::string why) {
  return {errc::invalid_reservation, "ip: " + std::move(why)};
}

error check_id(std::string_view id) {
  if (is_safe_id(id))
    return {};
  return {errc::invalid_reservation,
          "'" + std::string{id} + "' cannot name a public address"};
}

std::uint32_t number_of(const ip_address& ip) {
  return std::uint32_t{ip.bytes[0]} << 24U | std::uint32_t{ip.bytes[1]} << 16U
         | std::uint32_t{ip.bytes[2]} << 8U | std::uint32_t{ip.bytes[3]};
}

/// Bits behind the prefix.
std::uint32_t host_bits(const ip_range& range) {
  return range.prefix == 0 ? ~std::uint32_t{0}
         : range.prefix > 31
           ? 0U
           : ~std::uint32_t{0} >> static_cast<unsigned>(range.prefix);
}

/// Why a machine cannot have it, whoever else does; empty if it can.
std::string flaw_of(const ip_range& range, const ip_address& gateway) {
  const auto bits = host_bits(range);
  const auto number = number_of(range.address);
  if ((number & ~bits) != (number_of(gateway) & ~bits))
    return "is not in one network with the gateway " + to_string(gateway);
  if (range.address == gateway)
    return "is the gateway's";
  // A network of two has no addresses of its own (RFC 3021).
  if (bits > 1 && ((number & bits) == 0 || (number & bits) == bits))
    return "is the network's own";
  return {};
}

} // namespace

expected<std::unique_ptr<host_public_ip_backend>>
host_public_ip_backend::open(host_public_ip_options options) {
  auto records = public_records::open(options.folder);
  if (!records)
    return fail(records.error());
  std::unique_ptr<host_public_ip_backend> made{
    new host_public_ip_backend{std::move(options), std::move(*records)}};
  if (const auto& trouble = made->mutex_.trouble())
    return fail(trouble);
  return made;
}

host_public_ip_backend::host_public_ip_backend(host_public_ip_options options,
                                               public_records records)
  : options_{std::move(options)}, records_{std::move(records)},
    bridge_{options_.tools, options_.place, options_.before_step} {
}

// -- the port -----------------------------------------------------------------

public_ip_facts host_public_ip_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  const auto unknown = [](const error& why) {
    return public_ip_facts{.state = presence::unknown, .reason = why.message};
  };
  if (auto wrong = check_id(id))
    return unknown(wrong);
  const std::string name{id};
  const auto record = records_.find(name);
  if (!record)
    return unknown(record.error());
  if (!*record) {
    const auto ports = bridge_.ports();
    if (!ports)
      return unknown(ports.error());
    if (std::ranges::find(*ports, name) != ports->end())
      return {.state = presence::partial, .reason = "there is no record of it"};
    return {};
  }
  const auto why = disagreement(name, **record);
  if (!why)
    return unknown(why.error());
  return {.state = why->empty() ? presence::present : presence::partial,
          .machine = (*record)->machine,
          .reason = *why};
}

error host_public_ip_backend::ensure(const public_ip_order& order) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check(order))
    return wrong;
  const auto before = records_.find(order.id);
  if (!before)
    return before.error();
  const auto bridge = bridge_.look();
  if (!bridge)
    return bridge.error();
  const bool is_new = !*before || (*before)->address != order.address;
  if (is_new && *before && !(*before)->machine.empty())
    return refuse("machine " + (*before)->machine + " still has "
                  + to_string((*before)->address));
  if (is_new)
    if (auto wrong = check_conflicts(order, *bridge))
      return wrong;
  auto failed
    = is_new ? put(order.id, {.address = order.address}) : load_filter();
  if (!failed || !is_new)
    return failed;
  auto stuck = *before ? put(order.id, **before) : remove(order.id);
  if (stuck)
    failed.message += "; what was begun is still there: " + stuck.message;
  return failed;
}

error host_public_ip_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_id(id))
    return wrong;
  return remove(std::string{id});
}

expected<public_terms>
host_public_ip_backend::attach(std::string_view id, std::string_view machine) {
  const std::lock_guard lock{mutex_};
  for (const auto& one : {id, machine})
    if (auto wrong = check_id(one))
      return fail(wrong);
  const std::string name{id};
  auto record = records_.find(name);
  if (!record)
    return fail(record.error());
  const auto bridge = bridge_.look();
  if (!bridge)
    return fail(bridge.error());
  if (*record && !(*record)->machine.empty() && (*record)->machine != machine)
    return fail(errc::invalid_reservation, "public_ip: machine "
                                             + (*record)->machine + " has "
                                             + name + " already");
  if (*record && (*record)->machine.empty()) {
    (*record)->machine = machine;
    if (auto stopped = pass(options_.before_step, "write public record"))
      return fail(stopped);
    if (auto failed = records_.keep(name, **record))
      return fail(failed);
  }
  if (auto failed = bridge_.make_card(machine))
    return fail(failed);
  if (!*record)
    return fail(errc::no_such_reservation,
                "public address " + name + " is not on this node");
  // Never a cable without its filter.
  if (auto failed = load_filter())
    return fail(failed);
  if (auto failed = bridge_.connect(name, machine))
    return fail(failed);
  const auto& address = (*record)->address;
  return public_terms{.address = to_string(address),
                      .gateway = to_string(options_.gateway),
                      .hardware_address
                      = to_string(hardware_address_of(address.address)),
                      .mtu = bridge->mtu};
}

error host_public_ip_backend::detach(std::string_view id,
                                     std::string_view machine) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_id(id))
    return wrong;
  const std::string name{id};
  auto record = records_.find(name);
  if (!record)
    return record.error();
  if (*record && (*record)->machine != machine)
    return {};
  if (auto failed = bridge_.disconnect(name))
    return failed;
  if (!*record)
    return {};
  (*record)->machine.clear();
  if (auto stopped = pass(options_.before_step, "write public record"))
    return stopped;
  return records_.keep(name, **record);
}

expected<std::vector<held_object>> host_public_ip_backend::list() {
  const std::lock_guard lock{mutex_};
  const auto all = read_all();
  if (!all)
    return fail(all.error());
  auto ports = bridge_.ports();
  if (!ports)
    return fail(ports.error());
  std::vector<held_object> held;
  for (const auto& [id, record] : *all) {
    // What is no reservation's was laid there by somebody else.
    if (!split_reservation_id(id))
      continue;
    held.push_back({.id = id,
                    .what = record ? to_string(record->address)
                                   : "its record cannot be read"});
    std::erase(*ports, id);
  }
  for (const auto& id : *ports)
    held.push_back({.id = id, .what = "port " + bridge_.port_of(id)});
  return held;
}

// -- keeping it up ------------------------------------------------------------

expected<bool> host_public_ip_backend::restore() {
  const std::lock_guard lock{mutex_};
  const auto all = read_all();
  if (!all)
    return fail(all.error());
  const auto wanted = filter();
  if (!wanted)
    return fail(wanted.error());
  const auto loaded = bridge_.has(*wanted);
  if (!loaded)
    return fail(loaded.error());
  if (!*loaded)
    if (auto failed = bridge_.load(*wanted))
      return fail(failed);
  bool changed = !*loaded;
  for (const auto& [id, record] : *all) {
    // One whose machine is not up yet is connected with it.
    if (!record || !has_namespace(record->machine))
      continue;
    const auto connected = bridge_.is_connected(id, record->machine);
    if (!connected)
      return fail(connected.error());
    if (*connected)
      continue;
    if (auto failed = bridge_.make_card(record->machine))
      return fail(failed);
    if (auto failed = bridge_.connect(id, record->machine))
      return fail(failed);
    changed = true;
  }
  return changed;
}

// -- steps --------------------------------------------------------------------

bool host_public_ip_backend::has_namespace(const std::string& machine) const {
  return !machine.empty()
         && net_space::look(bridge_.space_of(machine)) == presence::present;
}

expected<std::vector<host_public_ip_backend::noted>>
host_public_ip_backend::read_all() const {
  const auto ids = records_.ids();
  if (!ids)
    return fail(ids.error());
  std::vector<noted> all;
  for (const auto& id : *ids)
    all.push_back({id, records_.find(id).value_or(std::nullopt)});
  return all;
}

expected<public_filter> host_public_ip_backend::filter() const {
  const auto all = read_all();
  if (!all)
    return fail(all.error());
  std::vector<guarded_port> ports;
  // Nothing passes a port whose record cannot be read.
  for (const auto& [id, record] : *all)
    ports.push_back(
      {.name = bridge_.port_of(id),
       .address = record ? record->address.address : ip_address{}});
  return public_filter{bridge_.table(), std::move(ports),
                       options_.ipv6_network};
}

error host_public_ip_backend::load_filter() const {
  const auto wanted = filter();
  return wanted ? bridge_.load(*wanted) : wanted.error();
}

error host_public_ip_backend::check(const public_ip_order& order) const {
  if (auto wrong = check_id(order.id))
    return wrong;
  if (order.address.address.family != ip_address::kind::v4)
    return refuse("is no IPv4 address");
  if (const auto flaw = flaw_of(order.address, options_.gateway); !flaw.empty())
    return refuse(to_string(order.address) + ' ' + flaw);
  return {};
}

/// Whether anybody else has it: a reservation, the host, or somebody on the
/// network.
error host_public_ip_backend::check_conflicts(const public_ip_order& order,
                                              const link_facts& bridge) const {
  const auto& address = order.address.address;
  const auto text = to_string(address);
  const auto all = read_all();
  if (!all)
    return all.error();
  for (const auto& [id, record] : *all)
    if (id != order.id && record && record->address.address == address)
      return refuse(text + " is reservation " + id + "'s");
  for (const auto& own : bridge.addresses)
    if (own.starts_with(text + '/'))
      return refuse(text + " is this host's own");
  const auto who = who_has({.space = options_.place.space,
                            .link = options_.place.bridge,
                            .address = address,
                            .patience = options_.probe_patience});
  if (!who)
    return who.error();
  if (!who->empty())
    return refuse(text + " is in use on the public network, by " + *who);
  return {};
}

error host_public_ip_backend::put(const std::string& id,
                                  const public_record& record) const {
  if (auto stopped = pass(options_.before_step, "write public record"))
    return stopped;
  if (auto failed = records_.keep(id, record))
    return failed;
  return load_filter();
}

error host_public_ip_backend::remove(const std::string& id) const {
  // The cable first: a machine never stands unguarded.
  if (auto failed = bridge_.disconnect(id))
    return failed;
  if (auto stopped = pass(options_.before_step, "remove public record"))
    return stopped;
  if (auto failed = records_.forget(id))
    return failed;
  return load_filter();
}

/// Why the host is not as the record says; empty if it is.
expected<std::string>
host_public_ip_backend::disagreement(const std::string& id,
                                     const public_record& record) const {
  const auto wanted = filter();
  if (!wanted)
    return fail(wanted.error());
  const auto loaded = bridge_.has(*wanted);
  if (!loaded)
    return fail(loaded.error());
  if (!*loaded)
    return "the filter is not loaded";
  if (!has_namespace(record.machine))
    return std::string{};
  const auto connected = bridge_.is_connected(id, record.machine);
  if (!connected)
    return fail(connected.error());
  return *connected ? "" : "machine " + record.machine + " is not connected";
}

} // namespace provision
