#include "explorer/simulated/handlers.hpp"
#include "explorer/simulated/object_reader.hpp"

namespace provision::simulated {

namespace {

/// The node of the path if it is known; else the refusal.
expected<node_entry> required_node(const explorer_state& state, const call& c) {
  auto found = state.all.nodes.find(c.variables[0]);
  if (found == state.all.nodes.end())
    return fail(errc::explorer_refused,
                "node '" + c.variables[0] + "' not found", 404);
  return found->second;
}

/// Whether the caller speaks for the node; the refusal says what it tried.
error check_caller(const call& c, const std::string& node_id,
                   std::string_view deed) {
  // Without verification there is no caller to compare with.
  if (c.caller.empty() || c.caller == node_id)
    return {};
  return {errc::explorer_refused,
          "trying to " + std::string{deed} + " nodeID " + node_id
            + " while you are " + c.caller,
          403};
}

/// The original leaves a deleted node as it is, silently.
void store(explorer_state& state, node_entry changed) {
  if (!changed.deleted)
    state.make(node_stored{std::move(changed)});
}

response refuse_with(const error& why) {
  return refuse(why.detail == 0 ? 400 : why.detail, why.message);
}

} // namespace

response register_node(explorer_state& state, const call& c) {
  auto sent = read_node(c.request.body);
  if (!sent)
    return refuse(400, sent.error().message);
  if (auto wrong = check_caller(c, sent->node_id, "register a node with"))
    return refuse_with(wrong);
  if (!state.all.farms.contains(sent->farm_id))
    return refuse(404, "unknown farm id: " + std::string{no_documents});
  if (auto broken = validate(*sent))
    return refuse(500, broken.message);
  auto known = state.all.nodes.find(sent->node_id);
  node_entry kept = known == state.all.nodes.end() ? *sent : known->second;
  if (known == state.all.nodes.end()) {
    kept.id = static_cast<std::int64_t>(state.all.nodes.size()) + 1;
    kept.created = state.now();
    kept.public_config = "null";
  } else {
    kept.node_id_v1 = sent->node_id_v1;
    kept.farm_id = sent->farm_id;
    kept.os_version = sent->os_version;
    kept.location = sent->location;
    kept.uptime = sent->uptime;
    kept.hostname = sent->hostname;
  }
  kept.deleted = false;
  kept.updated = state.now();
  state.make(node_stored{std::move(kept)});
  return created();
}

response list_nodes(explorer_state& state, const call& c) {
  std::int64_t farm_id = 0;
  if (auto text = c.parameter("farm"); !text.empty()) {
    auto number = parse_integer(text);
    if (!number)
      return refuse(400, "invalid farm id: " + number.error().message);
    farm_id = *number;
  }
  std::vector<const node_entry*> matching;
  for (const auto& [id, each] : state.all.nodes)
    if ((farm_id <= 0 || each.farm_id == farm_id)
        && (!each.deleted || c.parameter("deleted") == "true"))
      matching.push_back(&each);
  auto part = read_page(c, matching.size());
  auto shown = c.parameter("proofs") == "true" ? proofs::shown : proofs::hidden;
  std::vector<std::string> texts;
  for (auto i = part.first; i < part.end; ++i)
    texts.push_back(write(*matching[i], shown));
  return answer_page(texts, part.pages);
}

response find_node(explorer_state& state, const call& c) {
  auto found = state.all.nodes.find(c.variables[0]);
  if (found == state.all.nodes.end() || c.fault.is_forgotten)
    return refuse(404, no_documents);
  auto shown = c.parameter("proofs") == "true" ? proofs::shown : proofs::hidden;
  return answer(200, write(found->second, shown));
}

response put_usage(explorer_state& state, const call& c) {
  auto node = required_node(state, c);
  if (!node)
    return refuse_with(node.error());
  if (auto wrong
      = check_caller(c, node->node_id, "update reserved capacity for"))
    return refuse_with(wrong);
  auto usage = read_usage(c.request.body);
  if (!usage)
    return refuse(400, usage.error().message);
  // The original's odd choice of field.
  node->reserved_resources = usage->units;
  node->workloads = usage->counts;
  store(state, std::move(*node));
  return done();
}

response put_uptime(explorer_state& state, const call& c) {
  auto node = required_node(state, c);
  if (!node)
    return refuse_with(node.error());
  if (auto wrong = check_caller(c, node->node_id, "register uptime for"))
    return refuse_with(wrong);
  auto reader = object_reader::parse(c.request.body);
  if (!reader)
    return refuse(400, reader.error().message);
  std::uint64_t uptime = 0;
  reader->read("uptime", uptime);
  if (auto broken = reader->failure())
    return refuse(400, broken.message);
  node->uptime = static_cast<std::int64_t>(uptime);
  node->updated = state.now();
  store(state, std::move(*node));
  return done();
}

response put_capacity(explorer_state& state, const call& c) {
  auto node = required_node(state, c);
  if (!node)
    return refuse_with(node.error());
  auto capacity = read_capacity(c.request.body, state.now());
  if (!capacity)
    return refuse(400, capacity.error().message);
  if (auto wrong = check_caller(c, node->node_id, "register capacity for"))
    return refuse_with(wrong);
  node->total_resources = capacity->total;
  node->proofs.push_back(std::move(capacity->proof));
  store(state, std::move(*node));
  return done();
}

response put_ports(explorer_state& state, const call& c) {
  auto node = required_node(state, c);
  if (!node)
    return refuse_with(node.error());
  if (auto wrong = check_caller(c, node->node_id, "register ports for"))
    return refuse_with(wrong);
  auto reader = object_reader::parse(c.request.body);
  if (!reader)
    return refuse(400, reader.error().message);
  std::optional<std::vector<std::int64_t>> ports;
  reader->read("ports", ports);
  for (auto each : ports.value_or(std::vector<std::int64_t>{}))
    if (each < 0)
      return refuse(400, "json: cannot unmarshal field ports");
  if (auto broken = reader->failure())
    return refuse(400, broken.message);
  node->wg_ports = std::move(ports);
  store(state, std::move(*node));
  return done();
}

response put_interfaces(explorer_state& state, const call& c) {
  auto node = required_node(state, c);
  if (!node)
    return refuse_with(node.error());
  auto list = read_interfaces(c.request.body);
  if (!list)
    return refuse(400, list.error().message);
  if (auto wrong = check_caller(c, node->node_id, "register interfaces for"))
    return refuse_with(wrong);
  node->ifaces = std::move(*list);
  store(state, std::move(*node));
  return created();
}

} // namespace provision::simulated
