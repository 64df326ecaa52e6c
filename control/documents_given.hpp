#pragma once

#include <string_view>
#include <vector>

#include "messages/error.hpp"
#include "messages/received_text.hpp"

namespace provision {

/// The reservations of a text that a person wrote: one JSON object, an array of
/// them, or an object a line; in the explorer's form or the original node's.
/// errc::malformed_input names the place, also if there is none at all.
expected<std::vector<received_text>> documents_given(std::string_view text);

} // namespace provision
