#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "actors/requests/fates.hpp"
#include "backends/held_object.hpp"
#include "messages/error.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

/// What one back-end holds. Called on the janitor's thread; may block.
struct inventory {
  /// Type of the reservations that such objects are made for.
  reservation_type type = {};
  std::function<expected<std::vector<held_object>>()> list = {};
  /// Makes one of them not be.
  std::function<error(const held_object& what)> remove = {};
};

/// Something on the host that no live reservation wants.
struct orphan {
  reservation_type type = {};
  held_object object = {};
  /// What is known of its reservation, never `live` or `unknown`.
  reservation_fate why = {};
  /// Since when the janitor has seen it without a break, in this process.
  timestamp seen_since = {};
  std::chrono::steady_clock::time_point seen_at = {};
  /// What else on the host uses it, "container 12-1"; empty: nothing.
  std::string used_by = {};
  /// Why it could not be removed the last time.
  error last_failure = {};
  /// Removals in a row that failed, whoever wanted them.
  std::uint32_t failures = 0;
  /// Before that moment it is not removed by itself again. The first is for
  /// people, the second counts.
  timestamp next_try = {};
  std::chrono::steady_clock::time_point next_try_at = {};

  /// "volume:12-1": names it in orders.
  std::string key() const;
  /// Whether an order or an end has made it go, so that it may be removed.
  bool may_go() const { return why.is == fate::gone && used_by.empty(); }
};

struct orphan_report {
  /// When host and records were last compared; the zero time: not yet.
  timestamp looked_at = {};
  /// Why the last comparison did not come off or left something out; empty if
  /// nothing was in the way.
  std::string obstacle = {};
  std::vector<orphan> orphans = {};
  /// Objects that were compared.
  std::uint64_t looked_over = 0;
  std::uint64_t removed = 0;
  std::uint64_t removals_failed = 0;
  /// Whether what may go is removed by itself, and after what time.
  bool removes = false;
  std::chrono::seconds quarantine{0};
};

/// Where the janitor writes what it found, for those who show it. Thread-safe.
class orphan_board {
public:
  void write(orphan_report report) {
    const std::lock_guard lock{mutex_};
    report_ = std::move(report);
  }
  orphan_report read() const {
    const std::lock_guard lock{mutex_};
    return report_;
  }

private:
  mutable std::mutex mutex_;
  orphan_report report_;
};

} // namespace provision
