#include "backends/host/host_network_backend.hpp"

#include <algorithm>
#include <set>

#include "identity/wireguard_key.hpp"
#include "messages/reservation.hpp"

namespace provision {

namespace {

error refuse(std::string why) {
  return {errc::invalid_reservation, std::move(why)};
}

error check_names(std::string_view id, std::string_view other) {
  if (is_safe_id(id) && is_safe_id(other))
    return {};
  return refuse("'" + std::string{id} + "' or '" + std::string{other}
                + "' cannot name a network or its holder");
}

/// What is to be written down when `order` is carried out.
network_record recorded_with(const network_order& order,
                             const std::optional<network_record>& before) {
  network_record record = before.value_or(network_record{});
  record.user_id = order.user_id;
  record.resource = order.resource;
  std::set<std::string> holders{record.holders.begin(), record.holders.end()};
  holders.insert(order.holder);
  record.holders.assign(holders.begin(), holders.end());
  return record;
}

bool has_member(const network_record& record, std::string_view id) {
  return std::ranges::find(record.members, id, &network_member::id)
         != record.members.end();
}

void erase_member(network_record& record, std::string_view id) {
  std::erase_if(record.members,
                [&](const network_member& one) { return one.id == id; });
}

} // namespace

expected<std::unique_ptr<host_network_backend>>
host_network_backend::open(host_network_options options) {
  auto records = network_records::open(options.folder);
  if (!records)
    return fail(records.error());
  std::unique_ptr<host_network_backend> made{
    new host_network_backend{std::move(options), std::move(*records)}};
  if (const auto& trouble = made->mutex_.trouble())
    return fail(trouble);
  return made;
}

host_network_backend::host_network_backend(host_network_options options,
                                           network_records records)
  : options_{std::move(options)}, records_{std::move(records)} {
}

network_router host_network_backend::router(std::string_view id) const {
  return {options_.tools, network_names{options_.node_id, id},
          options_.underlay, options_.before_step};
}

// -- the port -----------------------------------------------------------------

network_facts host_network_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  const auto unknown = [](const error& why) {
    return network_facts{.state = presence::unknown, .reason = why.message};
  };
  if (auto wrong = check_names(id, "0"))
    return unknown(wrong);
  const auto record = records_.find(std::string{id});
  if (!record)
    return unknown(record.error());
  if (!*record) {
    const auto there = router(id).look();
    if (there == presence::present)
      return {.state = presence::partial, .reason = "there is no record of it"};
    return {.state = there};
  }
  const auto plan = plan_network((*record)->resource);
  if (!plan)
    return unknown(plan.error());
  auto facts = router(id).look(*plan);
  // Meant to be there, so it is not simply absent.
  if (facts.state == presence::absent)
    facts = {.state = presence::partial, .reason = "only its record is there"};
  return facts;
}

error host_network_backend::ensure(const network_order& order) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_names(order.id, order.holder))
    return wrong;
  const auto before = records_.find(order.id);
  if (!before)
    return before.error();
  if (auto wrong = check(order, *before))
    return wrong;
  const auto record = recorded_with(order, *before);
  if (auto stopped = pass(options_.before_step, "write record"))
    return stopped;
  if (auto failed = records_.keep(order.id, record))
    return failed;
  auto failed = converge(order.id, record);
  if (failed)
    if (auto stuck = take_back(order.id, *before))
      failed.message += "; what was begun is still there: " + stuck.message;
  changed();
  return failed;
}

error host_network_backend::destroy(std::string_view id,
                                    std::string_view holder) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_names(id, holder))
    return wrong;
  const std::string name{id};
  auto record = records_.find(name);
  if (!record)
    return record.error();
  if (*record) {
    std::erase((*record)->holders, holder);
    if (auto stopped = pass(options_.before_step, "write record"))
      return stopped;
    if (auto failed = records_.keep(name, **record))
      return failed;
    if (!(*record)->holders.empty())
      return {};
  }
  auto failed = remove(name);
  changed();
  return failed;
}

expected<network_record>
host_network_backend::held(const std::string& id) const {
  auto record = records_.find(id);
  if (!record)
    return fail(record.error());
  if (!*record || (*record)->holders.empty())
    return fail(errc::invalid_reservation,
                "network " + id + " is not on this node");
  return std::move(**record);
}

expected<network_terms>
host_network_backend::terms(std::string_view id,
                            const workloads::ip_address& address) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_names(id, "0"))
    return fail(wrong);
  const auto record = held(std::string{id});
  if (!record)
    return fail(record.error());
  const auto plan = plan_network(record->resource);
  if (!plan)
    return fail(plan.error());
  auto text = member_address(*plan, address);
  if (!text)
    return fail(text.error());
  return network_terms{.address = std::move(*text),
                       .gateway = plan->gateway,
                       .range = to_string(record->resource.network_range),
                       .mtu = network_router::mtu};
}

expected<std::string>
host_network_backend::attach(std::string_view id,
                             const network_member& member) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_names(id, member.id))
    return fail(wrong);
  const std::string name{id};
  auto record = held(name);
  if (!record)
    return fail(record.error());
  const auto plan = plan_network(record->resource);
  if (!plan)
    return fail(plan.error());
  const bool known = has_member(*record, member.id);
  erase_member(*record, member.id);
  record->members.push_back(member);
  if (auto wrong = check_members(*plan, record->members))
    return fail(wrong);
  if (auto stopped = pass(options_.before_step, "write record"))
    return fail(stopped);
  if (auto failed = records_.keep(name, *record))
    return fail(failed);
  const auto at = router(id);
  if (auto failed = plug(at, *plan, member)) {
    // One that was there before keeps what it has.
    if (!known && !at.unplug(member.id)) {
      erase_member(*record, member.id);
      records_.keep(name, *record);
    }
    return fail(failed);
  }
  return net_space::path_of(
    network_names{options_.node_id, id}.member_space(member.id));
}

error host_network_backend::detach(std::string_view id,
                                   std::string_view member) {
  const std::lock_guard lock{mutex_};
  if (auto wrong = check_names(id, member))
    return wrong;
  const std::string name{id};
  auto record = records_.find(name);
  if (!record)
    return record.error();
  if (auto failed = router(id).unplug(member))
    return failed;
  if (!*record || !has_member(**record, member))
    return {};
  erase_member(**record, member);
  if (auto stopped = pass(options_.before_step, "write record"))
    return stopped;
  return records_.keep(name, **record);
}

expected<std::vector<held_object>> host_network_backend::list() {
  const std::lock_guard lock{mutex_};
  const auto ids = records_.ids();
  if (!ids)
    return fail(ids.error());
  std::vector<held_object> held;
  for (const auto& id : *ids) {
    const auto record = records_.find(id);
    if (!record)
      return fail(record.error());
    if (*record)
      for (const auto& holder : (*record)->holders)
        held.push_back({.id = holder, .what = id});
  }
  const auto spaces = net_space::names_with(router({}).name());
  if (!spaces)
    return fail(spaces.error());
  for (const auto& id : *spaces)
    if (!std::ranges::binary_search(*ids, id))
      held.push_back({.what = id});
  return held;
}

// -- keeping them up ----------------------------------------------------------

expected<std::vector<std::string>> host_network_backend::recorded() const {
  const std::lock_guard lock{mutex_};
  return records_.ids();
}

expected<bool> host_network_backend::restore(const std::string& id) {
  const std::lock_guard lock{mutex_};
  const auto record = records_.find(id);
  if (!record)
    return fail(record.error());
  if (!*record)
    return false;
  if ((*record)->holders.empty()) {
    if (auto failed = remove(id))
      return fail(failed);
    return true;
  }
  const auto plan = plan_network((*record)->resource);
  if (!plan)
    return fail(plan.error());
  const auto at = router(id);
  if (at.look(*plan).state == presence::present)
    return false;
  if (auto failed = converge(id, **record))
    return fail(failed);
  // Members whose namespaces are still there get their cables back; the others
  // come with the workloads that bring them.
  for (const auto& member : (*record)->members)
    if (net_space::look(
          network_names{options_.node_id, id}.member_space(member.id))
        == presence::present)
      if (auto failed = plug(at, *plan, member))
        return fail(failed);
  return true;
}

expected<int> host_network_backend::helper(const std::string& id) const {
  if (!needs_helpers())
    return 0;
  return tunnel_process(network_names{options_.node_id, id}.tunnel);
}

void host_network_backend::on_change(std::function<void()> listener) {
  const std::lock_guard lock{mutex_.of_this_process()};
  listener_ = std::move(listener);
}

void host_network_backend::changed() const {
  if (listener_)
    listener_();
}

// -- steps --------------------------------------------------------------------

error host_network_backend::check(
  const network_order& order,
  const std::optional<network_record>& before) const {
  if (before && before->user_id != order.user_id)
    return refuse("network " + order.id + " is another user's on this node");
  const auto plan = plan_network(order.resource);
  if (!plan)
    return plan.error();
  if (before)
    if (auto wrong = check_members(*plan, before->members))
      return wrong;
  const auto ids = records_.ids();
  if (!ids)
    return ids.error();
  for (const auto& id : *ids) {
    const auto other = records_.find(id);
    // A record that cannot be read holds up its own network alone.
    if (id != order.id && other && *other
        && (*other)->resource.wg_listen_port == order.resource.wg_listen_port)
      return refuse("wg_listen_port: network " + id + " listens on "
                    + std::to_string(order.resource.wg_listen_port)
                    + " already");
  }
  return {};
}

error host_network_backend::check_members(
  const network_plan& plan, const std::vector<network_member>& members) const {
  std::set<std::string> taken;
  for (const auto& member : members)
    for (const auto& address : member.addresses) {
      const auto text = member_address(plan, address);
      if (!text)
        return text.error();
      if (!taken.insert(*text).second)
        return refuse("ips: " + to_string(address) + " is taken");
    }
  return {};
}

error host_network_backend::converge(const std::string& id,
                                     const network_record& record) const {
  const auto plan = plan_network(record.resource);
  if (!plan)
    return plan.error();
  const auto key = options_.open_key(record.resource.wg_private_key);
  if (!key)
    return refuse("wg_private_key: " + key.error().message);
  const auto own = wireguard_key::public_of(*key);
  if (!own || *own != plan->public_key)
    return refuse("wg_private_key: does not belong to wg_public_key");
  const auto at = router(id);
  const auto foreign = at.is_foreign();
  if (!foreign)
    return foreign.error();
  if (*foreign)
    return {errc::already_exists, at.look(*plan).reason};
  if (auto failed = at.build(*plan, *key))
    return failed;
  const auto facts = at.look(*plan);
  if (facts.state != presence::present)
    return {errc::backend_failure,
            "network " + id + " is not as it was asked for: " + facts.reason};
  return {};
}

error host_network_backend::take_back(
  const std::string& id, const std::optional<network_record>& before) const {
  if (!before)
    return remove(id);
  // Others hold it as it was.
  if (auto failed = records_.keep(id, *before))
    return failed;
  return before->holders.empty() ? remove(id) : converge(id, *before);
}

error host_network_backend::remove(const std::string& id) const {
  const auto at = router(id);
  const auto foreign = at.is_foreign();
  if (!foreign)
    return foreign.error();
  // What bears our name but is not ours stays; ours is then not there.
  if (!*foreign)
    if (auto failed = at.tear_down())
      return failed;
  if (auto stopped = pass(options_.before_step, "remove record"))
    return stopped;
  return records_.forget(id);
}

error host_network_backend::plug(const network_router& at,
                                 const network_plan& plan,
                                 const network_member& member) const {
  if (member.is_machine)
    return at.plug_machine(member.id);
  std::vector<std::string> addresses;
  for (const auto& address : member.addresses) {
    auto text = member_address(plan, address);
    if (!text)
      return text.error();
    addresses.push_back(std::move(*text));
  }
  return at.plug(plan, member.id, addresses);
}

} // namespace provision
