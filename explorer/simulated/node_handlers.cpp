#include <algorithm>

#include "explorer/simulated/handlers.hpp"
#include "explorer/simulated/workload_pipeline.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

constexpr std::size_t page_size = 200;

/// Duplicates and shuffles as the faults of this request say.
void disturb(std::vector<std::string>& page, const fault_draw& fault) {
  dice luck{fault.seed};
  if (fault.is_duplicated)
    for (std::size_t i = 0, size = page.size(); i < size; ++i)
      if (luck.happens(0.5))
        page.push_back(page[i]);
  if (fault.is_reordered)
    for (std::size_t i = page.size(); i > 1; --i)
      std::swap(page[i - 1], page[luck.next() % i]);
}

response answer_poll(std::vector<std::string> page, std::int64_t last,
                     const fault_draw& fault) {
  disturb(page, fault);
  std::string body = page.empty() ? "null" : "[";
  for (const auto& each : page)
    body.append(body.size() > 1 ? "," : "").append(each);
  if (!page.empty())
    body += ']';
  auto answered = answer(200, std::move(body));
  answered.headers.emplace_back("X-Last-Id", std::to_string(last));
  return answered;
}

/// The workload that a gwid names, or the refusal.
expected<const documents::workload*> find_by_gwid(const explorer_state& state,
                                                  const std::string& gwid,
                                                  std::string_view mismatch) {
  auto id = parse_integer(gwid.substr(0, gwid.find('-')));
  if (!id)
    return fail(errc::malformed_input,
                "invalid reservation id part: invalid id format: "
                  + id.error().message,
                400);
  const auto* w = state.all.workloads.find(*id);
  if (!w)
    return fail(errc::no_such_reservation, std::string{no_documents}, 404);
  if (documents::global_id(*w) != gwid)
    return fail(errc::no_such_reservation, std::string{mismatch}, 404);
  return w;
}

/// Starts or ends the use of the workload's pool.
error use_pool(explorer_state& state, const documents::workload& w,
               bool starts) {
  auto units = units_of(w);
  bool known = state.all.pools.find(w.pool_id) != nullptr;
  // Documents may have been loaded without a pool to pay for them.
  if (!state.options.strict && (!known || !units))
    return {};
  if (!known)
    return {errc::invalid_reservation,
            "could not load pool: the specified pool could not be found"};
  if (!units)
    return units.error();
  state.make(pool_used{w.pool_id, w.id, *units, state.now(), starts});
  return {};
}

/// Gives the address of a public_ip workload back to its farm.
error free_ip(explorer_state& state, const documents::workload& w) {
  const auto* ip = std::get_if<documents::public_ip>(&w.content);
  if (!ip)
    return {};
  auto missing = [&](const char* text) {
    // As for pools: loaded documents may know neither node nor farm.
    return state.options.strict
             ? error{errc::invalid_reservation,
                     std::string{text} + ": " + std::string{no_documents}}
             : error{};
  };
  auto node = state.all.nodes.find(w.node_id);
  if (node == state.all.nodes.end())
    return missing("failed to retrieve node id for ip");
  auto found = state.all.farms.find(node->second.farm_id);
  if (found == state.all.farms.end())
    return missing("failed to retrieve farm");
  auto changed = found->second;
  if (!changed.release_ip(ip->ipaddress, w.id))
    return {errc::invalid_reservation, "failed to release ip reservation: "
                                       "failed to release ip address"};
  state.make(farm_stored{std::move(changed)});
  return {};
}

} // namespace

response poll_workloads(explorer_state& state, const call& c) {
  auto from = parse_integer(c.parameter("from"));
  if (!from)
    return refuse(400, "invalid id format: " + from.error().message);
  if (c.fault.is_forgotten)
    return answer_poll({}, 0, c.fault);
  const auto& node_id = c.variables[0];
  auto last = *from;
  std::vector<std::string> page;
  for (const auto* each : state.all.workloads.due(node_id, *from, page_size)) {
    auto shown = seen(*each);
    last = shown.id;
    page.push_back(json::write(shown));
    if (shown.next_action != each->next_action)
      state.make(action_set{shown.id, shown.next_action});
  }
  if (page.empty())
    for (const auto* each : state.all.queue.first(node_id, page_size)) {
      last = std::max(last, each->id);
      page.push_back(json::write(*each));
    }
  if (page.empty())
    last = state.all.last_workload_id;
  return answer_poll(std::move(page), last, c.fault);
}

response find_node_workload(explorer_state& state, const call& c) {
  if (c.fault.is_forgotten)
    return refuse(404, no_documents);
  auto found = find_by_gwid(state, c.variables[0], "workload not found");
  if (!found)
    return refuse(found.error().detail, found.error().message);
  return answer(200, json::write(seen(**found)));
}

response put_result(explorer_state& state, const call& c) {
  const auto& gwid = c.variables[1];
  auto id = parse_integer(gwid.substr(0, gwid.find('-')));
  if (!id)
    return refuse(400, "invalid reservation id part: invalid id format: "
                         + id.error().message);
  auto result = c.request.body.find_first_not_of(" \t\r\n") == std::string::npos
                  ? fail(errc::malformed_input, "EOF")
                  : json::read_workload_result(c.request.body);
  if (!result)
    return refuse(400, result.error().message);
  auto found = find_by_gwid(state, gwid, "workload id does not exist");
  if (!found)
    return refuse(found.error().detail, found.error().message);
  result->node_id = c.variables[0];
  result->workload_id = gwid;
  result->epoch = from_unix(state.now());
  auto outcome = result->state;
  state.make(result_stored{*id, std::move(*result)});
  state.make(dequeued{*id});
  const auto& w = **found;
  if (outcome == result_state::ok)
    if (auto failure = use_pool(state, w, true))
      return refuse(500, failure.message);
  if (outcome != result_state::error)
    return created();
  if (auto failure = use_pool(state, w, false))
    return refuse(500, failure.message);
  state.make(action_set{*id, documents::next_action::remove});
  if (auto failure = free_ip(state, w))
    return refuse(500, failure.message);
  return created();
}

response put_deleted(explorer_state& state, const call& c) {
  const auto& gwid = c.variables[1];
  auto found = find_by_gwid(state, gwid, "workload not found");
  if (!found)
    return refuse(found.error().detail, found.error().message);
  const auto& w = **found;
  auto result = w.result;
  if (result.workload_id != gwid) {
    result = {};
    result.workload_id = gwid;
    result.epoch = from_unix(state.now());
  }
  result.state = result_state::deleted;
  if (auto failure = use_pool(state, w, false))
    return refuse(500, failure.message);
  state.make(result_stored{w.id, std::move(result)});
  state.make(dequeued{w.id});
  state.make(action_set{w.id, documents::next_action::deleted});
  if (auto failure = free_ip(state, w))
    return refuse(500, failure.message);
  return done();
}

} // namespace provision::simulated
