#pragma once

#include <array>
#include <optional>

#include "messages/reservation.hpp"

namespace provision::conformance {

__extension__ using wide = unsigned __int128;

/// cru, mru, hru, sru; bytes.
using amounts = std::array<wide, 4>;

/// What a reservation asks for. Nothing for a vm size that does not exist.
std::optional<amounts> amounts_of(const reservation& what);

/// Whether each can be told in 64 bits.
bool fits(const amounts& sum);

amounts operator+(amounts a, const amounts& b);

} // namespace provision::conformance
