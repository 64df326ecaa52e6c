#pragma once

#include <string>
#include <utility>

#include "messages/error.hpp"

namespace provision::simulated {

/// An answer of the explorer that is none: its status and what it says.
inline error refusal(int status, std::string text) {
  return {errc::explorer_refused, std::move(text), status};
}

} // namespace provision::simulated
