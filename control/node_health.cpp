#include "control/node_health.hpp"

#include <algorithm>

namespace provision {

namespace {

std::string count(std::uint64_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

/// What keeps the node from working as it should, whoever caused it.
void add_brakes(std::vector<problem>& found, const engine_status& engine) {
  if (engine.paused)
    found.push_back({to_string(engine.paused.code),
                     "intake is paused: " + engine.paused.message});
  if (engine.deletions_held > 0)
    found.push_back(
      {"deletions_held",
       count(engine.deletions_held, "deletion waits", "deletions wait")
         + " for 'provisionctl confirm deletions'"});
  if (engine.clock_distrust)
    found.push_back({"clock_distrusted",
                     "nothing expires: " + engine.clock_distrust.message
                       + "; 'provisionctl confirm clock' if it is right"});
  if (engine.intake_held)
    found.push_back({"intake_held", "an operator has paused intake"});
  if (engine.cordoned)
    found.push_back({"cordoned", "an operator has cordoned the node"});
}

void add_types(std::vector<problem>& found, const engine_status& engine) {
  for (auto& one : engine.types) {
    auto name = one.type.name + " ";
    if (one.health != type_health::serving)
      found.push_back({one.health == type_health::degraded ? "type_degraded"
                                                           : "type_suspended",
                       name + "is " + std::string{to_string(one.health)} + ": "
                         + one.reason.message});
    if (one.cordoned)
      found.push_back({"cordoned", name + "is cordoned by an operator"});
  }
}

void add_rows(std::vector<problem>& found, const store_status& store) {
  if (store.rows.parked_rows > 0)
    found.push_back({"reports_parked",
                     count(store.rows.parked_rows, "report was", "reports were")
                       + " refused by the explorer for good"});
  if (store.rows.quarantined > 0)
    found.push_back(
      {"quarantine", count(store.rows.quarantined, "input is", "inputs are")
                       + " in the quarantine"});
  if (store.salvaged_at_start > 0)
    found.push_back(
      {"salvaged", count(store.salvaged_at_start, "damaged record was",
                         "damaged records were")
                     + " set aside at the start"});
}

readiness_check explorer_check(const node_picture& node) {
  if (!node.reports.away_since.is_zero())
    return {"explorer", false, false,
            "away: " + node.reports.last_failure.message};
  if (node.polls_fail)
    return {"explorer", false, false, "the last poll failed, see the log"};
  return {"explorer", true, false, "no complaint"};
}

readiness_check clock_check(const engine_status& engine) {
  bool is_good = !engine.clock_distrust;
  return {"clock", is_good, false,
          is_good
            ? "trusted"
            : "not trusted, nothing expires: " + engine.clock_distrust.message};
}

readiness_check types_check(const engine_status& engine) {
  std::string down;
  for (auto& one : engine.types)
    if (one.health != type_health::serving || one.cordoned)
      down
        += (down.empty() ? "" : ", ") + one.type.name + " "
           + (one.cordoned ? "cordoned" : std::string{to_string(one.health)});
  if (engine.cordoned)
    down = "the node is cordoned";
  return {"types", down.empty(), false,
          down.empty() ? "all serve" : down + "; what needs them waits"};
}

} // namespace

std::vector<problem> problems_of(const node_picture& node) {
  std::vector<problem> found;
  add_brakes(found, node.engine);
  if (!node.reports.away_since.is_zero())
    found.push_back({"explorer_away", "the explorer takes no reports: "
                                        + node.reports.last_failure.message});
  add_types(found, node.engine);
  if (node.engine.waiting > 0)
    found.push_back(
      {"reservations_wait",
       count(node.engine.waiting, "reservation waits", "reservations wait")
         + "; 'provisionctl waiting' tells for what"});
  add_rows(found, node.store);
  return found;
}

std::string_view health_of(const node_picture& node) {
  auto& engine = node.engine;
  if (engine.phase != "running")
    return engine.phase == "stopping" ? "stopping" : "starting";
  if (engine.paused || engine.intake_held)
    return "paused";
  bool all_serve = std::all_of(
    engine.types.begin(), engine.types.end(),
    [](const type_status& one) { return one.health == type_health::serving; });
  return node.reports.away_since.is_zero() && engine.waiting == 0 && all_serve
             && !engine.clock_distrust
           ? "ok"
           : "degraded";
}

std::vector<readiness_check> readiness_of(const node_picture& node) {
  auto& engine = node.engine;
  std::string intake = "open";
  if (engine.paused)
    intake = "paused, " + engine.paused.message;
  else if (engine.intake_held)
    intake = "paused by an operator";
  return {{"engine", engine.phase == "running", true, engine.phase},
          {"intake", intake == "open", true, intake},
          // Local work goes on without these.
          explorer_check(node),
          clock_check(engine),
          {"deletions", engine.deletions_held == 0, false,
           engine.deletions_held == 0
             ? "none held"
             : count(engine.deletions_held, "is", "are")
                 + " held until they are confirmed"},
          types_check(engine)};
}

} // namespace provision
