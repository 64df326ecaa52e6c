#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"
#include "explorer/explorer_client.hpp"
#include "explorer/retry_policy.hpp"

namespace provision {

/// What the explorer said to one row, sent by feedback to itself.
struct report_answer {
  std::uint64_t sequence = 0;
  error failure = {};
};

/// What it said to the numbers.
struct numbers_answer {
  error failure = {};
};

} // namespace provision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::report_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::numbers_answer)

namespace provision {

struct feedback_options {
  std::string node_id = {};
  /// The source that hears from the same explorer, by the name of its cursor.
  std::string source = "explorer";
  /// Reports on their way at once; one per reservation.
  std::size_t in_flight_max = 16;
  /// Rows held in memory at most; the rest waits on disk.
  std::size_t window_max = 4096;
  /// More rows than this in memory: whoever hands over more is asked to wait,
  /// so that work does not run far ahead of an explorer that accepts it, and
  /// what it made is still at hand when it is reported.
  std::size_t room = 256;
  /// But not longer than this, whatever the explorer does.
  std::chrono::nanoseconds patience = std::chrono::milliseconds{100};
  retry_policy retry = {};
  std::function<double()> random = [] { return 0.5; };
  /// Least time between two sets of numbers: under load they change with every
  /// reservation, and only the latest are of interest.
  std::chrono::nanoseconds numbers_interval = std::chrono::milliseconds{200};
  /// For telling since when the explorer is away; null: it is not told.
  std::shared_ptr<const wall_clock> clock = {};
};

using feedback_impl = feedback_actor::extend<
  caf::reacts_to<report_answer>, caf::reacts_to<numbers_answer>,
  caf::reacts_to<atom::retry, std::uint64_t>, caf::reacts_to<atom::retry>,
  caf::reacts_to<atom::tick>, caf::reacts_to<atom::close>,
  caf::reacts_to<atom::room>>;

struct feedback_state {
  static inline const char* name = "feedback";

  explicit feedback_state(feedback_impl::pointer self) : self{self} {}

  /// A row in memory, and since when.
  struct held_row {
    outbox_row row = {};
    std::chrono::steady_clock::time_point since = {};
  };

  /// A row on its way to the explorer.
  struct delivery {
    outbox_row row = {};
    std::chrono::steady_clock::time_point held_since = {};
    std::uint32_t failures = 0;
    /// Of these, answers 5xx: an absence says nothing about this row.
    std::uint32_t server_errors = 0;
    /// Rows delivered when the explorer failed at this one for the first time.
    std::uint64_t delivered_before = 0;
    /// Of the first try; 0 before it.
    std::chrono::steady_clock::time_point since = {};
  };

  /// Rows in memory that are not under way.
  std::size_t held() const { return queue.size() + behind_own_rows; }
  feedback_status status() const;
  caf::result<done> take(send_reports more);
  bool has_room() const;
  caf::result<done> promise_room();
  void give_room();
  void keep_in_memory(outbox_row row);
  /// Since when the oldest row is in memory; nothing: there is none.
  std::optional<std::chrono::steady_clock::time_point> oldest() const;
  void read_more();
  void pump();
  void send(held_row first);
  void send(delivery& one);
  void answered(report_answer answer);
  void delivered(std::uint64_t sequence);
  void note_absence(std::chrono::nanoseconds until_next_try);
  void park(std::uint64_t sequence, const error& why);
  void try_again(delivery& one, const error& why);
  void finish(std::uint64_t sequence);
  void close_finished();
  void close_again_later(close_reports rows, const error& why);
  void send_latest_numbers();
  void pause_numbers(std::chrono::nanoseconds span);
  void numbers_answered(const error& failure);

  feedback_impl::pointer self;
  cache_actor cache = {};
  source_actor source = {};
  std::shared_ptr<feedbacker> explorer = {};
  feedback_options options = {};

  /// Rows in memory that wait for their turn, in order.
  std::deque<held_row> queue = {};
  /// Of each reservation under way, the rows that wait for an earlier one.
  std::unordered_map<std::string, std::vector<held_row>> behind_own = {};
  std::size_t behind_own_rows = 0;
  /// By sequence: on the wire, or in a pause before the next try.
  std::unordered_map<std::uint64_t, delivery> under_way = {};
  std::size_t on_the_wire = 0;
  /// Highest sequence that was taken into memory.
  std::uint64_t last_taken = 0;
  /// There may be rows on disk beyond last_taken.
  bool behind = true;
  bool reading = false;
  bool announced_while_reading = false;
  /// Failures in a row over all rows: while the explorer is away, only one
  /// request probes it.
  std::size_t failures_in_a_row = 0;
  timestamp away_since = {};
  timestamp next_try = {};

  /// Who was asked to wait, and until when.
  std::deque<std::pair<std::chrono::steady_clock::time_point,
                       caf::typed_response_promise<done>>>
    waiting_for_room = {};

  close_reports finished = {};
  /// The cache is asked, or a pause after it failed is not over.
  bool closing = false;
  std::uint32_t close_failures = 0;
  std::uint64_t delivered_total = 0;
  std::uint64_t parked_total = 0;
  std::uint64_t failures_total = 0;
  latency deliveries = {};
  error last_failure = {};

  std::optional<current_numbers> latest_numbers = {};
  std::optional<current_numbers> numbers_on_the_wire = {};
  bool sending_numbers = false;
  std::uint32_t numbers_failures = 0;
  /// A pause after the last numbers, or before the next try, is not over.
  bool numbers_pausing = false;
};

/// Delivers the outbox: in order per reservation, several reservations at
/// once, until the explorer accepts. Never blocks anybody. `source` is told to
/// look again at what was reported (second_look.hpp).
feedback_impl::behavior_type
feedback_behavior(feedback_impl::stateful_pointer<feedback_state> self,
                  cache_actor cache, source_actor source,
                  std::shared_ptr<feedbacker> explorer,
                  feedback_options options);

} // namespace provision
