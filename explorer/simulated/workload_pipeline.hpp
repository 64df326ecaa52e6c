#pragma once

#include "messages/documents/document.hpp"

namespace provision::simulated {

/// The next action as the original computes it at every read: signatures for
/// deletion lead to remove, a met provision quorum from create or sign to pay.
/// What is stored does not change by this.
documents::next_action next_action_of(const documents::workload& w);

/// `w` as it is shown: with the computed next action.
documents::workload seen(documents::workload w);

/// Whether enough distinct users, all of them asked, have signed.
bool quorum_met(
  const documents::signing_request& request,
  const std::optional<std::vector<documents::signing_signature>>& signatures);

} // namespace provision::simulated
