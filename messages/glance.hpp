#pragma once

#include <string>

#include "messages/reservation.hpp"
#include "messages/result.hpp"

namespace provision {

/// What a sender's document may say that is new of a reservation which the node
/// knows. Everything else in it counts once, when it is new.
struct glance {
  /// "<id>-<workload_id>"; empty: it cannot be told.
  std::string id = {};
  int version = 0;
  bool to_delete = false;
  /// Of the result that the sender has, if it has one.
  result_state state = result_state::error;
  std::string signature = {};

  bool operator==(const glance&) const = default;
};

inline glance glance_at(const reservation& r) {
  return {r.id, r.version, r.to_delete, r.result.state, r.result.signature};
}

} // namespace provision
