#include "explorer/simulated/customer_checks.hpp"
#include "explorer/simulated/handlers.hpp"
#include "explorer/simulated/workload_pipeline.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

using documents::next_action;

/// What the server sets, whatever the user sent.
void reset(documents::workload& w) {
  w.signatures_provision.emplace();
  w.signatures_delete.emplace();
  w.signature_farmer = {0, {}, from_unix(0)};
  w.result = {};
  w.result.epoch = from_unix(0);
  w.id = 0;
  w.version = 2;
}

/// Takes the address out of the farm for a public_ip workload.
error reserve_ip(explorer_state& state, const documents::workload& w) {
  const auto* ip = std::get_if<documents::public_ip>(&w.content);
  if (!ip)
    return {};
  auto node = state.all.nodes.find(w.node_id);
  if (node == state.all.nodes.end())
    return {errc::explorer_refused,
            "failed to retrieve node id for ip: " + std::string{no_documents},
            400};
  auto found = state.all.farms.find(node->second.farm_id);
  if (found == state.all.farms.end())
    return {errc::explorer_refused,
            "failed to retrieve farm: " + std::string{no_documents}, 400};
  auto changed = found->second;
  if (!changed.reserve_ip(ip->ipaddress, w.id))
    return {errc::explorer_refused, "ip is not available for reservation", 409};
  state.make(farm_stored{std::move(changed)});
  return {};
}

/// A kubernetes workload may only name an address of its own customer.
error check_public_ip(const explorer_state& state,
                      const documents::workload& w) {
  const auto* k8s = std::get_if<documents::kubernetes>(&w.content);
  if (!k8s || k8s->public_ip == 0)
    return {};
  const auto* ip = state.all.workloads.find(k8s->public_ip);
  if (ip && ip->next_action == next_action::deploy
      && ip->customer_tid == w.customer_tid)
    return {};
  return {errc::explorer_refused,
          "ip workload '" + std::to_string(k8s->public_ip)
            + "' not found: " + std::string{no_documents},
          404};
}

/// Checks 15 to 17: they come after storing, so a refused workload stays.
error admit(explorer_state& state, const documents::workload& w) {
  constexpr std::int64_t capacity_seconds_min = 120;
  auto units = units_of(w);
  if (!units)
    return {errc::explorer_refused, "could not load the required capacity pool",
            500};
  const auto& paying = *state.all.pools.find(w.pool_id);
  auto now = state.now();
  if (now + capacity_seconds_min >= paying.empty_at_with(w.id, *units, now)) {
    state.make(action_set{w.id, next_action::invalid});
    return {errc::explorer_refused,
            "pool needs additional capacity to support this workload", 402};
  }
  if (auto refusal = check_public_ip(state, w))
    return refusal;
  return reserve_ip(state, w);
}

expected<std::int64_t> optional_number(const call& c, std::string_view name) {
  auto text = c.parameter(name);
  if (text.empty())
    return 0;
  auto number = parse_integer(text);
  if (!number)
    return fail(errc::malformed_input,
                std::string{name}
                  + " should be an integer: " + number.error().message);
  return number;
}

} // namespace

response create_workload(explorer_state& state, const call& c) {
  // The legacy paths check no signature, so nobody is known there.
  if (c.path.starts_with("/explorer/"))
    return refuse(400, "failed to parse request user id: "
                         + parse_integer("").error().message);
  auto read = c.request.body.empty()
                ? fail(errc::malformed_input, "unexpected end of JSON input")
                : json::read_document(c.request.body);
  if (!read)
    return refuse(400, read.error().code == errc::unknown_workload_type
                         ? "unrecognized workload type"
                         : read.error().message);
  auto w = std::move(*read);
  reset(w);
  auto form = c.path.starts_with("/api/v1/workloads") ? signature_form::any
                                                      : signature_form::hashed;
  if (auto refusal = check_new(state, w, c.caller, form))
    return refuse(refusal.detail, refusal.message);
  w.next_action = next_action_of(w);
  if (!state.options.keep_epoch)
    w.epoch = from_unix(state.now());
  if (auto refusal = check_pool(state, w))
    return refuse(refusal.detail, refusal.message);
  w.id = state.all.last_workload_id + 1;
  // Only this list: the original misses the one for provisioning.
  if (!w.signing_request_delete.signers)
    w.signing_request_delete.signers.emplace();
  state.make(workload_stored{w});
  if (auto refusal = admit(state, w))
    return refuse(refusal.detail, refusal.message);
  state.make(action_set{w.id, next_action::deploy});
  auto action = w.next_action;
  auto id = w.id;
  state.enqueue(std::move(w), action);
  return answer(201, "{\"reservation_id\":" + std::to_string(id) + "}");
}

response list_workloads(explorer_state& state, const call& c) {
  auto customer = optional_number(c, "customer_tid");
  if (!customer)
    return refuse(400, customer.error().message);
  auto action = optional_number(c, "next_action");
  if (!action)
    return refuse(400, action.error().message);
  bool any_action = c.parameter("next_action").empty();
  std::vector<const documents::workload*> matching;
  for (const auto& [id, w] : state.all.workloads.all())
    if ((*customer == 0 || w.customer_tid == *customer)
        && (any_action || static_cast<int>(w.next_action) == *action))
      matching.push_back(&w);
  auto part = read_page(c, matching.size());
  std::vector<std::string> texts;
  for (auto i = part.first; i < part.end; ++i)
    texts.push_back(json::write(seen(*matching[i])));
  return answer_page(texts, part.pages);
}

response find_workload(explorer_state& state, const call& c) {
  auto id = parse_integer(c.variables[0]);
  if (!id)
    return refuse(400, "invalid reservation id");
  const auto* w = state.all.workloads.find(*id);
  if (!w)
    return refuse(404, no_documents);
  return answer(200, json::write(seen(*w)));
}

} // namespace provision::simulated
