#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "explorer/simulated/handlers.hpp"

namespace provision::simulated {

/// Whose signature a route demands.
enum class caller_kind { anyone, node, user };

/// Whom a route serves; faults befall nodes only.
enum class side { node, user, people };

struct route {
  std::string_view method;
  /// Segments are literal, {any}, {digits} or {gwid}. A query parameter that
  /// must be all digits follows as "?from".
  std::string_view pattern;
  caller_kind caller;
  side serves;
  response (*handler)(explorer_state&, const call&);
};

/// All routes, in the order in which they are tried.
const std::vector<route>& routes();

/// The route for a request, or nullptr with the answer in `otherwise`. Fills
/// c.variables.
const route* find_route(call& c, response& otherwise);

} // namespace provision::simulated
