#pragma once

#include <string>
#include <vector>

#include "actors/requests.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// All that is known about one reservation and the node around it.
struct explain_facts {
  reservation_history history = {};
  work_place place = {};
  engine_status engine = {};
  feedback_status reports = {};
  timestamp now = {};
};

/// One decision about a reservation.
struct explained_step {
  timestamp at = {};
  std::string what = {};
};

/// Why a reservation is as it is, for people; codes are stable, see
/// docs/operators_guide.md.
struct explanation {
  /// "running", "rejected_no_capacity", "removal_waits", ...
  std::string code = {};
  /// One sentence.
  std::string summary = {};
  /// The decisions, oldest first.
  std::vector<explained_step> steps = {};
  /// What happens next and when, and what one can do about it.
  std::vector<std::string> next = {};
};

explanation explain(const explain_facts& facts);

/// "3s", "5m 10s", "2h 3m", "12d 4h".
std::string span_text(std::chrono::nanoseconds span);

} // namespace provision
