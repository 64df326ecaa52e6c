#include <algorithm>
#include <set>

#include "explorer/simulated/handlers.hpp"
#include "explorer/simulated/refusal.hpp"

namespace provision::simulated {

namespace {

error check_nodes(const explorer_state& state,
                  const std::vector<std::string>& node_ids) {
  std::set<std::string> seen;
  std::set<std::int64_t> farm_ids;
  for (const auto& each : node_ids) {
    if (!seen.insert(each).second)
      return refusal(409, "duplicate node ID is not allowed in capacity pool");
    if (auto node = state.all.nodes.find(each); node != state.all.nodes.end())
      farm_ids.insert(node->second.farm_id);
  }
  if (farm_ids.size() > 1)
    return refusal(400, "all nodes for a capacity pool must belong to the "
                        "same farm");
  return {};
}

/// Checks the signature of the customer or the sponsor of an order.
error check_party(const explorer_state& state, const pool_order& order,
                  const std::string& party, std::int64_t tid,
                  const std::string& signature) {
  const auto* who = state.all.users.find(tid);
  if (!who)
    return refusal(400, "cannot find "
                          + (party == "customer" ? std::string{"user"} : party)
                          + " with id '" + std::to_string(tid)
                          + "': " + std::string{no_documents});
  if (!state.options.verify_signatures)
    return {};
  auto failure = check_hex(signature);
  if (failure)
    failure.message = "invalid signature format, expecting hex encoded "
                      "string: "
                      + failure.message;
  else
    failure = check_signature(*who, signature, order.json);
  if (failure)
    return refusal(400, "failed to verify " + party
                          + " signature: " + failure.message);
  return {};
}

error check_order(const explorer_state& state, const pool_order& order) {
  if (auto broken = validate(order))
    return refusal(400, broken.message);
  if (auto wrong = check_nodes(state, *order.data.node_ids))
    return wrong;
  if (auto wrong = check_party(state, order, "customer", order.customer_tid,
                               order.customer_signature))
    return wrong;
  if (order.sponsor_tid == 0)
    return {};
  return check_party(state, order, "sponsor", order.sponsor_tid,
                     order.sponsor_signature);
}

/// The pool that the order is about, without the new capacity.
expected<pool> ordered_pool(const explorer_state& state,
                            const pool_order& order, std::int64_t order_id) {
  const auto& data = order.data;
  if (data.pool_id == 0) {
    auto made = pool::empty(order_id, state.now());
    made.customer_tid = order.customer_tid;
    made.sponsor_tid = order.sponsor_tid;
    return made;
  }
  const auto* known = state.all.pools.find(data.pool_id);
  if (!known)
    return fail(refusal(
      500, "failed to load pool: the specified pool could not be found"));
  for (const auto& each : known->node_ids)
    if (std::find(data.node_ids->begin(), data.node_ids->end(), each)
        == data.node_ids->end())
      return fail(refusal(500, "nodes can not be removed from a pool"));
  if (data.cus == 0 && data.sus == 0 && data.ipv4us == 0
      && data.node_ids->size() == known->node_ids.size())
    return fail(
      refusal(400, "this capacity reservation has no observable results"));
  return *known;
}

/// Deploys what waited for capacity of the pool.
void deploy_waiting(explorer_state& state, std::int64_t pool_id) {
  std::vector<documents::workload> waiting;
  for (const auto& [id, w] : state.all.workloads.all())
    if (w.pool_id == pool_id && w.next_action == documents::next_action::pay)
      waiting.push_back(w);
  for (auto& w : waiting) {
    auto action = w.next_action;
    state.make(action_set{w.id, documents::next_action::deploy});
    state.enqueue(std::move(w), action);
  }
}

} // namespace

response order_pool(explorer_state& state, const call& c) {
  auto order = read_pool_order(c.request.body);
  if (!order)
    return refuse(400, order.error().message);
  if (auto wrong = check_order(state, *order))
    return refuse(wrong.detail, wrong.message);
  auto order_id = state.all.last_pool_order_id + 1;
  state.make(counters_set{state.all.last_workload_id, order_id});
  auto bought = ordered_pool(state, *order, order_id);
  if (!bought)
    return refuse(bought.error().detail, bought.error().message);
  bought->node_ids = *order->data.node_ids;
  bought->add_capacity({static_cast<double>(order->data.cus),
                        static_cast<double>(order->data.sus),
                        static_cast<double>(order->data.ipv4us)},
                       state.now());
  auto pool_id = bought->id;
  state.make(pool_stored{std::move(*bought)});
  deploy_waiting(state, pool_id);
  return answer(201, "{\"reservation_id\":" + std::to_string(order_id)
                       + ",\"escrow_information\":{\"address\":\"\","
                         "\"asset\":\"\",\"amount\":0}}");
}

response find_pool(explorer_state& state, const call& c) {
  auto id = parse_integer(c.variables[0]);
  if (!id)
    return refuse(400, "id must be an integer");
  const auto* found = state.all.pools.find(*id);
  if (!found)
    return refuse(404, "capacity pool not found");
  auto current = *found;
  current.sync(state.now());
  return answer(200, current.write());
}

response list_pools(explorer_state& state, const call& c) {
  auto owner = parse_integer(c.variables[0]);
  if (!owner)
    return refuse(400, "owner id must be an integer");
  std::string body = "[";
  for (const auto& [id, each] : state.all.pools.all()) {
    if (each.customer_tid != *owner)
      continue;
    auto current = each;
    current.sync(state.now());
    body.append(body.size() > 1 ? "," : "").append(current.write());
  }
  return answer(200, body + "]");
}

} // namespace provision::simulated
