#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "messages/error.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

/// Something on the host that carries our tag.
struct host_object {
  reservation_type type = {};
  /// Reservation id that its name derives from.
  std::string id = {};
};

/// What a clean-up found. It reports; it removes nothing: user data is only
/// removed after a deletion order or an expiry.
struct cleanup_report {
  /// Objects without a live record: orphans.
  std::vector<host_object> orphans = {};
  std::size_t looked_at = 0;
};

/// The original's CleanupResources, as far as it is safe: compares what the
/// host has under our tags with what the store knows. `is_live` says whether a
/// reservation has a record; an error keeps the object off the list.
cleanup_report cleanup_resources(
  const std::vector<host_object>& host,
  const std::function<expected<bool>(const std::string&)>& is_live);

} // namespace provision
