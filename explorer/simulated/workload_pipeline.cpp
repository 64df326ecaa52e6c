#include "explorer/simulated/workload_pipeline.hpp"

#include <algorithm>
#include <set>

namespace provision::simulated {

using documents::next_action;

bool quorum_met(
  const documents::signing_request& request,
  const std::optional<std::vector<documents::signing_signature>>& signatures) {
  if (!request.signers || !signatures)
    return request.quorum_min <= 0;
  std::set<std::int64_t> agreed;
  for (const auto& each : *signatures)
    if (std::find(request.signers->begin(), request.signers->end(), each.tid)
        != request.signers->end())
      agreed.insert(each.tid);
  return static_cast<std::int64_t>(agreed.size()) >= request.quorum_min;
}

next_action next_action_of(const documents::workload& w) {
  auto action = w.next_action;
  if (action == next_action::remove || action == next_action::deleted)
    return action;
  // A quorum of 0 means: not by signatures.
  if (w.signing_request_delete.quorum_min != 0
      && quorum_met(w.signing_request_delete, w.signatures_delete))
    return next_action::remove;
  if (action == next_action::create)
    action = next_action::sign;
  if (action == next_action::sign
      && quorum_met(w.signing_request_provision, w.signatures_provision))
    action = next_action::pay;
  return action;
}

documents::workload seen(documents::workload w) {
  w.next_action = next_action_of(w);
  return w;
}

} // namespace provision::simulated
