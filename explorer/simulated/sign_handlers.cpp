#include <algorithm>

#include "explorer/simulated/digest.hpp"
#include "explorer/simulated/handlers.hpp"
#include "explorer/simulated/object_reader.hpp"
#include "explorer/simulated/refusal.hpp"
#include "explorer/simulated/workload_pipeline.hpp"

namespace provision::simulated {

namespace {

using documents::next_action;
using documents::signing_signature;

expected<signing_signature> read_signature(std::string_view body) {
  auto reader = object_reader::parse(body);
  if (!reader)
    return fail(refusal(400, reader.error().message));
  signing_signature made;
  reader->read("tid", made.tid);
  reader->read("signature", made.signature);
  if (auto broken = reader->failure())
    return fail(refusal(400, broken.message));
  return made;
}

expected<const documents::workload*> find(const explorer_state& state,
                                          const std::string& text) {
  auto id = parse_integer(text);
  if (!id)
    return fail(refusal(400, "invalid reservation id"));
  const auto* w = state.all.workloads.find(*id);
  if (!w)
    return fail(refusal(404, std::string{no_documents}));
  return w;
}

error check_signer(
  std::int64_t tid, const documents::signing_request& request,
  const std::optional<std::vector<signing_signature>>& signatures) {
  auto asked = request.signers.value_or(std::vector<std::int64_t>{});
  if (std::find(asked.begin(), asked.end(), tid) == asked.end())
    return refusal(401, "signature not required for user '"
                          + std::to_string(tid) + "'");
  for (const auto& each : signatures.value_or(std::vector<signing_signature>{}))
    if (each.tid == tid)
      return refusal(400, "user " + std::to_string(tid)
                            + " has already signed the reservation for "
                              "deletion");
  return {};
}

error check_agreement(const explorer_state& state, const call& c,
                      const documents::workload& w,
                      const signing_signature& given, std::string_view word) {
  const auto* who = state.all.users.find(given.tid);
  if (!who)
    return refusal(404, "customer id not found: " + std::string{no_documents});
  if (!state.options.verify_signatures)
    return {};
  auto failure = check_signature(*who, given.signature,
                                 sha256(challenge(w, word, given.tid)));
  bool is_alias = c.path.starts_with("/api/v1/workloads");
  // The original's Go client signs as for its old reservations.
  if (failure && is_alias && !state.options.strict)
    failure
      = check_signature(*who, given.signature, std::to_string(w.id) + w.json);
  if (failure)
    return refusal(401, "failed to verify signature: " + failure.message);
  return {};
}

/// Stores `w` with one more signature in `list`.
void add_signature(
  explorer_state& state, documents::workload w,
  std::optional<std::vector<signing_signature>> documents::workload::*list,
  signing_signature given) {
  given.epoch = from_unix(state.now());
  auto& signatures = w.*list;
  if (!signatures)
    signatures.emplace();
  signatures->push_back(std::move(given));
  state.make(workload_stored{std::move(w)});
}

} // namespace

response sign_delete(explorer_state& state, const call& c) {
  // The legacy path knows old-style reservations only.
  if (c.path.starts_with("/explorer/"))
    return refuse(500, no_documents);
  auto given = read_signature(c.request.body);
  if (!given)
    return refuse(given.error().detail, given.error().message);
  auto found = find(state, c.variables[0]);
  if (!found)
    return refuse(found.error().detail, found.error().message);
  const auto& w = **found;
  if (auto wrong
      = check_signer(given->tid, w.signing_request_delete, w.signatures_delete))
    return refuse(wrong.detail, wrong.message);
  if (auto wrong = check_agreement(state, c, w, *given, "delete"))
    return refuse(wrong.detail, wrong.message);
  add_signature(state, w, &documents::workload::signatures_delete,
                std::move(*given));
  // What is stored keeps its next action; the next poll sets it.
  if (next_action_of(w) == next_action::remove)
    state.enqueue(w, next_action::remove);
  return created();
}

response sign_provision(explorer_state& state, const call& c) {
  auto given = read_signature(c.request.body);
  if (!given)
    return refuse(given.error().detail, given.error().message);
  if (auto broken = check_hex(given->signature))
    return refuse(400, "invalid signature expecting hex encoded string: "
                         + broken.message);
  auto found = find(state, c.variables[0]);
  if (!found)
    return refuse(found.error().detail, found.error().message);
  const auto& w = **found;
  if (next_action_of(w) != next_action::sign)
    return refuse(401, "workload not expecting signatures");
  if (auto wrong = check_signer(given->tid, w.signing_request_provision,
                                w.signatures_provision))
    return refuse(wrong.detail, wrong.message);
  if (auto wrong = check_agreement(state, c, w, *given, "provision"))
    return refuse(wrong.detail, wrong.message);
  add_signature(state, w, &documents::workload::signatures_provision,
                std::move(*given));
  return created();
}

} // namespace provision::simulated
