#include "backends/host/host_ipv6_gateway_backend.hpp"

#include <cerrno>
#include <utility>

#include <unistd.h>

#include "identity/wireguard_key.hpp"
#include "messages/base64.hpp"
#include "messages/reservation.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

constexpr auto key_name = "key";
constexpr std::size_t key_bytes = 32;

error check_client(std::string_view id) {
  if (is_safe_id(id))
    return {};
  return {errc::invalid_reservation,
          "'" + std::string{id} + "' cannot name a client"};
}

tl::unexpected<error> refuse_key(const std::string& why) {
  return fail(errc::invalid_reservation, "public_key: " + why);
}

/// The key in its one spelling, unless it is somebody else's.
expected<std::string> check_key(const ipv6_client_order& order,
                                const ipv6_clients& clients,
                                const std::string& own) {
  auto key = wireguard_key::parse_public(order.public_key);
  if (!key)
    return refuse_key(key.error().message);
  if (*key == own)
    return refuse_key("is the node's own");
  for (const auto& [id, client] : clients)
    if (id != order.id && client.public_key == *key)
      return refuse_key("another reservation has it; every client needs one "
                        "of its own");
  return key;
}

} // namespace

expected<std::unique_ptr<host_ipv6_gateway_backend>>
host_ipv6_gateway_backend::open(host_ipv6_gateway_options options) {
  auto records = ipv6_client_records::open(options.folder);
  if (!records)
    return fail(records.error());
  std::unique_ptr<host_ipv6_gateway_backend> made{
    new host_ipv6_gateway_backend{std::move(options), std::move(*records)}};
  if (const auto& trouble = made->mutex_.trouble())
    return fail(trouble);
  return made;
}

host_ipv6_gateway_backend::host_ipv6_gateway_backend(
  host_ipv6_gateway_options options, ipv6_client_records records)
  : options_{std::move(options)}, records_{std::move(records)} {
}

ipv6_router host_ipv6_gateway_backend::router() const {
  return {options_.tools, ipv6_gateway_names{options_.node_id},
          options_.underlay, options_.before_step};
}

// -- the port -----------------------------------------------------------------

ipv6_client_facts host_ipv6_gateway_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  const auto unknown = [](const error& why) {
    return ipv6_client_facts{.state = presence::unknown, .reason = why.message};
  };
  const auto clients = records_.all();
  if (!clients)
    return unknown(clients.error());
  if (!clients->contains(id))
    return {};
  const auto wanted = plan(*clients);
  if (!wanted)
    return unknown(wanted.error());
  const auto why = router().disagreement(*wanted);
  if (!why)
    return unknown(why.error());
  return {.state = why->empty() ? presence::present : presence::partial,
          .reason = *why};
}

expected<ipv6_client_terms>
host_ipv6_gateway_backend::ensure(const ipv6_client_order& order) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_client(order.id))
    return fail(wrong);
  const auto before = records_.all();
  if (!before)
    return fail(before.error());
  if (before->empty())
    if (auto failed = make_key())
      return fail(failed);
  const auto own = own_key();
  const auto shown = own ? wireguard_key::public_of(*own) : fail(own.error());
  if (!shown)
    return fail(shown.error());
  auto key = check_key(order, *before, *shown);
  if (!key)
    return fail(key.error());
  const auto found = before->find(order.id);
  // An address of another network is none any more.
  const bool keeps
    = found != before->end()
      && is_in_network(found->second.address, options_.terms.network);
  const ipv6_client_record record{
    .public_key = std::move(*key),
    .address = keeps ? found->second.address
                     : new_client_address(options_.terms, *before,
                                          options_.node_id, order.id)};
  if (auto failed = put(order.id, record))
    return fail(take_back(order.id, *before, std::move(failed)));
  return ipv6_client_terms{.address
                           = workloads::to_string(record.address) + "/128",
                           .gateway_key = *shown,
                           .endpoint = options_.terms.endpoint,
                           .reach = ipv6_internet};
}

error host_ipv6_gateway_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_client(id))
    return wrong;
  return remove(std::string{id});
}

expected<std::vector<held_object>> host_ipv6_gateway_backend::list() {
  const std::lock_guard lock{mutex_};
  const auto clients = records_.all();
  if (!clients)
    return fail(clients.error());
  std::vector<held_object> held;
  for (const auto& [id, client] : *clients)
    held.push_back({.id = id, .what = workloads::to_string(client.address)});
  return held;
}

// -- keeping it up ------------------------------------------------------------

expected<bool> host_ipv6_gateway_backend::restore() {
  const std::lock_guard lock{mutex_};
  const auto clients = records_.all();
  if (!clients)
    return fail(clients.error());
  if (clients->empty()) {
    if (router().look() == presence::absent)
      return false;
  } else {
    const auto wanted = plan(*clients);
    if (!wanted)
      return fail(wanted.error());
    const auto why = router().disagreement(*wanted);
    if (why && why->empty())
      return false;
  }
  if (auto failed = converge())
    return fail(failed);
  return true;
}

expected<int> host_ipv6_gateway_backend::helper() const {
  if (options_.tools.wireguard_go.empty())
    return 0;
  return tunnel_process(router().tunnel());
}

bool host_ipv6_gateway_backend::needs_helper() const {
  const auto clients = records_.all();
  return !options_.tools.wireguard_go.empty() && clients && !clients->empty();
}

// -- steps --------------------------------------------------------------------

/// Made before the first client, and never again: all have been told of it.
error host_ipv6_gateway_backend::make_key() const {
  const auto path = records_.path(key_name);
  if (::access(path.c_str(), F_OK) == 0 || errno != ENOENT)
    return {};
  auto text = base64::encode(options_.random->draw(key_bytes).reveal());
  auto failed = shim::write_durably(path, text);
  wipe(text);
  return failed;
}

expected<secret> host_ipv6_gateway_backend::own_key() const {
  const auto path = records_.path(key_name);
  auto text = read_whole(path);
  if (!text)
    return fail(text.error());
  auto key = secret::absorb(*text);
  if (const auto shown = wireguard_key::public_of(key); !shown)
    return fail(errc::storage_corrupt, path + ": " + shown.error().message);
  return key;
}

expected<ipv6_gateway_plan>
host_ipv6_gateway_backend::plan(const ipv6_clients& clients) const {
  const auto own = own_key();
  const auto shown = own ? wireguard_key::public_of(*own) : fail(own.error());
  if (!shown)
    return fail(shown.error());
  return plan_ipv6_gateway(options_.terms, clients, *shown, router().tunnel());
}

error host_ipv6_gateway_backend::converge() const {
  const auto clients = records_.all();
  if (!clients)
    return clients.error();
  if (clients->empty())
    return router().tear_down();
  const auto wanted = plan(*clients);
  const auto key = own_key();
  if (!wanted || !key)
    return wanted ? key.error() : wanted.error();
  return router().build(*wanted, *key);
}

error host_ipv6_gateway_backend::put(const std::string& id,
                                     const ipv6_client_record& record) const {
  if (auto stopped = pass(options_.before_step, "write record"))
    return stopped;
  if (auto failed = records_.keep(id, record))
    return failed;
  return converge();
}

error host_ipv6_gateway_backend::remove(const std::string& id) const {
  if (auto stopped = pass(options_.before_step, "remove record"))
    return stopped;
  if (auto failed = records_.forget(id))
    return failed;
  return converge();
}

error host_ipv6_gateway_backend::take_back(const std::string& id,
                                           const ipv6_clients& before,
                                           error failed) const {
  const auto old = before.find(id);
  const auto stuck = old == before.end() ? remove(id) : put(id, old->second);
  if (stuck)
    failed.message += "; what was begun is still there: " + stuck.message;
  return failed;
}

} // namespace provision
