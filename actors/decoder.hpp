#pragma once

#include "actors/interfaces.hpp"

namespace provision {

struct decoder_state {
  static inline const char* name = "decoder";
};

/// Turns bytes into reservations and checks signatures; spawn one per core.
decoder_actor::behavior_type
decoder_behavior(decoder_actor::stateful_pointer<decoder_state> self);

/// One document: decoded, or refused with the reason. A reservation for
/// another node than `node_id` is refused.
decoded_document decode(received_text received, const std::string& node_id);

} // namespace provision
