#pragma once

#include <optional>
#include <string>

#include "messages/glance.hpp"
#include "messages/json/json.hpp"
#include "messages/received_text.hpp"
#include "messages/reservation_type.hpp"

namespace provision::json {

/// Whose text this is, as far as can be told when the whole does not decode.
struct identity {
  /// "<id>-<workload_id>".
  std::string id = {};
  /// Empty if the text does not say.
  reservation_type type = {};
};

/// The identity in a text that may be broken elsewhere; nothing if the text
/// is no JSON object or does not carry a usable id.
std::optional<identity> peek_identity(const received_text& received,
                                      const limits& bounds = {});

/// What a text says that may be new of a reservation which is known, read as
/// the whole text is, but nothing else of it; without an id if it cannot be
/// read.
glance glance_at(const received_text& received, const limits& bounds = {});

} // namespace provision::json
