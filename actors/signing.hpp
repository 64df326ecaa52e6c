#pragma once

#include <memory>

#include "actors/interfaces.hpp"
#include "identity/signer.hpp"

namespace provision {

struct signing_state {
  static inline const char* name = "signer";

  std::shared_ptr<const signer> key = {};
};

/// Signs results with the node's key.
signer_actor::behavior_type
signing_behavior(signer_actor::stateful_pointer<signing_state> self,
                 std::shared_ptr<const signer> key);

} // namespace provision
