#pragma once

#include <string>

#include "messages/received_text.hpp"
#include "messages/reservation.hpp"
#include "messages/result.hpp"

namespace provision::bench {

/// A document on its way through the stages.
struct stage_sample {
  received_text received = {};
  reservation_ptr what = {};
  provision::result result = {};
  /// What the explorer is told.
  std::string body = {};
};

} // namespace provision::bench
