#pragma once

#include <string_view>

#include "actors/decoder.hpp"
#include "messages/reservation.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

/// A document is taken or refused with a reason; nothing else may happen.
inline void check_decoded(const decoded_document& made, std::string_view text) {
  const auto& entry = made.entry;
  require_same("received text", text, entry.received.text);
  require(entry.what || entry.refusal, "what is not read is refused");
  require(!entry.refusal || !entry.refusal.message.empty(),
          "a refusal says why");
  require(!entry.what || entry.refusal || is_safe_id(entry.what->id),
          "what is taken has an id that can name a workload");
}

} // namespace provision::fuzz
