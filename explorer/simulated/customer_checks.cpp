#include "explorer/simulated/customer_checks.hpp"

#include "explorer/simulated/digest.hpp"
#include "explorer/simulated/refusal.hpp"
#include "explorer/simulated/workload_pipeline.hpp"

namespace provision::simulated {

namespace {

using documents::next_action;

/// Checks 3 to 7: the document alone.
error check_fields(const documents::workload& w) {
  constexpr std::size_t metadata_bytes_max = 1024;
  if (w.customer_tid == 0)
    return refusal(400, "customer_tid is required");
  if (w.customer_signature.empty())
    return refusal(400, "customer_signature is required");
  if (w.metadata.size() > metadata_bytes_max)
    return refusal(400, "metadata can not be bigger than 1024 bytes");
  if (w.pool_id == 0)
    return refusal(400, "pool is required");
  if (!w.reference.empty())
    return refusal(400, "reference is illegal for new workloads");
  return {};
}

error check_customer(const explorer_state& state, const documents::workload& w,
                     signature_form form) {
  const auto* who = state.all.users.find(w.customer_tid);
  if (!who)
    return refusal(400, "cannot find user with id '"
                          + std::to_string(w.customer_tid)
                          + "': " + std::string{no_documents});
  if (!state.options.verify_signatures)
    return {};
  if (auto broken = check_hex(w.customer_signature))
    return refusal(400, "invalid signature format, expecting hex encoded "
                        "string: "
                          + broken.message);
  auto text = challenge(w);
  auto failure = check_signature(*who, w.customer_signature, sha256(text));
  if (failure && form == signature_form::any && !state.options.strict)
    failure = check_signature(*who, w.customer_signature, text);
  if (failure)
    return refusal(400,
                   "failed to verify customer signature: " + failure.message);
  return {};
}

} // namespace

error check_new(const explorer_state& state, const documents::workload& w,
                const std::string& caller, signature_form form) {
  if (auto broken = check_fields(w))
    return broken;
  if (state.options.verify_signatures) {
    auto tid = parse_integer(caller);
    if (!tid)
      return refusal(400,
                     "failed to parse request user id: " + tid.error().message);
    if (*tid != w.customer_tid)
      return refusal(401, "request user identity does not match the "
                          "reservation customer-tid");
  }
  auto action = next_action_of(w);
  if (action == next_action::invalid)
    return refusal(400, "invalid request wrong status 'invalid'");
  if (action == next_action::remove)
    return refusal(400, "invalid request wrong status 'delete'");
  return check_customer(state, w, form);
}

error check_pool(const explorer_state& state, const documents::workload& w) {
  const auto* paying = state.all.pools.find(w.pool_id);
  if (!paying)
    return refusal(404, "pool does not exist");
  if (paying->customer_tid != w.customer_tid || !paying->allows(w.node_id))
    return refusal(403, "not allowed to deploy workload on this pool");
  return {};
}

} // namespace provision::simulated
