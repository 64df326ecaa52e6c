#include "actors/signing.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "messages/hex.hpp"

namespace provision {

signer_actor::behavior_type
signing_behavior(signer_actor::stateful_pointer<signing_state> self,
                 std::shared_ptr<const signer> key) {
  self->state.key = std::move(key);
  return {[=](sign_results& request) {
    signed_results reply{std::move(request.results), {}};
    for (auto& result : reply.results) {
      auto signature = self->state.key->sign(result.bytes());
      if (!signature) {
        reply.failure = signature.error();
        break;
      }
      result.signature = hex::encode(*signature);
    }
    return reply;
  }};
}

} // namespace provision
