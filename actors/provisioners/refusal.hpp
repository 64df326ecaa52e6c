#pragma once

#include <string>

#include "messages/error.hpp"
#include "messages/reservation.hpp"

namespace provision {

/// What is wrong with a reservation, for its owner.
inline error refuse(const reservation& r, const std::string& why) {
  return {errc::invalid_reservation, "reservation " + r.id + ": " + why};
}

} // namespace provision
