#include <array>

#include "explorer/simulated/handlers.hpp"
#include "explorer/simulated/result_verdict.hpp"
#include "explorer/simulated/workload_names.hpp"
#include "explorer/simulated/workload_pipeline.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

/// Next actions that there are.
constexpr std::size_t actions = 8;

std::string write_line(const documents::workload& w) {
  bool reported = !w.result.workload_id.empty();
  auto text = [](std::string_view value) { return json::quote(value); };
  return "{\"id\":" + text(documents::global_id(w))
         + ",\"type\":" + text(type_name(w)) + ",\"node_id\":" + text(w.node_id)
         + ",\"customer_tid\":" + std::to_string(w.customer_tid)
         + ",\"next_action\":" + text(action_name(next_action_of(w)))
         + ",\"result\":"
         + (reported ? text(to_string(w.result.state)) : "\"\"")
         + ",\"message\":" + text(w.result.message)
         + ",\"node_signature\":" + text(to_string(verdict_on(w))) + "}";
}

} // namespace

response show_overview(explorer_state& state, const call&) {
  std::array<std::size_t, actions> counts{};
  for (const auto& [id, w] : state.all.workloads.all()) {
    auto action = static_cast<std::size_t>(next_action_of(w));
    if (action < counts.size())
      ++counts[action];
  }
  std::string by_action;
  for (std::size_t i = 0; i < counts.size(); ++i)
    by_action.append(i == 0 ? "\"" : ",\"")
      .append(action_name(static_cast<documents::next_action>(i)))
      .append("\":" + std::to_string(counts[i]));
  auto number = [](std::size_t count) { return std::to_string(count); };
  return answer(
    200, "{\"program\":\"explorer-sim\",\"workloads\":"
           + number(state.all.workloads.all().size()) + ",\"next_action\":{"
           + by_action + "},\"queued\":" + number(state.all.queue.size())
           + ",\"users\":" + number(state.all.users.all().size())
           + ",\"pools\":" + number(state.all.pools.all().size())
           + ",\"farms\":" + number(state.all.farms.size()) + ",\"nodes\":"
           + number(state.all.nodes.size()) + ",\"last_workload_id\":"
           + std::to_string(state.all.last_workload_id)
           + ",\"requests\":" + std::to_string(state.requests)
           + ",\"faults\":" + write(state.faults) + "}");
}

response show_workloads(explorer_state& state, const call& c) {
  auto customer = c.parameter("customer_tid");
  std::string body = "[";
  for (const auto& [id, w] : state.all.workloads.all())
    if (customer.empty() || std::to_string(w.customer_tid) == customer)
      body.append(body.size() > 1 ? "," : "").append(write_line(w));
  return answer(200, body + "]");
}

response show_faults(explorer_state& state, const call&) {
  return answer(200, write(state.faults));
}

response change_faults(explorer_state& state, const call& c) {
  auto changed = state.faults;
  if (auto broken = read_faults(changed, c.request.body))
    return refuse(400, broken.message);
  // Counting starts again, so that the same seed brings the same faults.
  if (changed.seed != state.faults.seed)
    state.requests = 0;
  state.faults = changed;
  return answer(200, write(state.faults));
}

} // namespace provision::simulated
