#pragma once

#include <deque>
#include <optional>

#include "actors/interfaces.hpp"

namespace provision {

/// What records say of documents that an operator submitted.
inline constexpr const char* operator_source_name = "operator";

/// A source that hands over what it is sent.
using operator_source_actor = source_actor::extend<caf::reacts_to<source_page>>;

struct operator_source_state {
  static inline const char* name = "operator source";

  void serve();

  std::deque<source_page> pages = {};
  std::optional<caf::typed_response_promise<source_page>> asked = {};
};

/// Where an operator's documents enter: like those of any other source they are
/// decoded, verified and put in order.
operator_source_actor::behavior_type operator_source(
  operator_source_actor::stateful_pointer<operator_source_state> self);

} // namespace provision
