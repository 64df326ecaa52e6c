#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"
#include "actors/poll_numbers.hpp"
#include "config/node_config.hpp"
#include "explorer/explorer_client.hpp"

namespace provision {

/// A poll's answer, sent by the source to itself.
struct poll_answer {
  poll_page page = {};
  error failure = {};
};

} // namespace provision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::poll_answer)

namespace provision {

struct poll_source_options {
  std::string node_id = {};
  /// Name under which records and the cursor are kept.
  std::string name = "explorer";
  /// Id to ask from first: the stored cursor; 0 for the whole history.
  std::uint64_t from = 0;
  config::explorer_settings settings = {};
  /// Uniform in [0, 1): jitter of the pauses after failures.
  std::function<double()> random = [] { return 0.5; };
  /// Told how the polls go; null: nobody is.
  std::shared_ptr<poll_numbers> numbers = {};
  /// For the time of the last good answer; null: it is not told.
  std::shared_ptr<const wall_clock> clock = {};
};

using poll_source_actor
  = source_actor::extend<caf::reacts_to<poll_answer>,
                         caf::reacts_to<atom::tick>,
                         caf::reacts_to<atom::tick, std::uint64_t>>;

struct poll_source_state {
  static inline const char* name = "poll source";

  explicit poll_source_state(poll_source_actor::pointer self) : self{self} {}

  caf::result<source_page> ask();
  /// Polls now if somebody asks, none is under way and the pause is over.
  void poll_if_due();
  void poll();
  void answered(poll_answer answer);
  void note(const poll_answer& answer);
  void failed(const error& failure);
  void pause(std::chrono::nanoseconds span);
  /// Asks from this id on again once there is nothing new.
  void look_again(std::uint64_t from);
  void reconcile();
  void reconcile_at_interval();

  poll_source_actor::pointer self;
  std::shared_ptr<reservation_poller> poller = {};
  poll_source_options options = {};
  std::optional<caf::typed_response_promise<source_page>> asked = {};
  bool polling = false;
  bool pausing = false;
  bool ended = false;
  bool history_end_sent = false;
  std::uint64_t next = 0;
  /// Of the poll under way, or the last one.
  page_question asked_for = {};
  /// The history was asked for while a poll for something else is under way.
  bool history_wanted = false;
  /// The last page had nothing new.
  bool dry = false;
  /// Lowest id that is to be asked for again.
  std::optional<std::uint64_t> wanted_again = {};
  /// Last id of the previous successful poll.
  std::uint64_t previous_last_id = 0;
  unsigned failures = 0;
  /// Grows with each pause: ticks of a cancelled pause are ignored.
  std::uint64_t generation = 0;
};

/// Polls the explorer for this node's reservations (the original's
/// PollSource): only on demand, at once while there is more, else at the poll
/// interval, and with back-off after failures, always from the same id.
poll_source_actor::behavior_type
poll_source(poll_source_actor::stateful_pointer<poll_source_state> self,
            std::shared_ptr<reservation_poller> poller,
            poll_source_options options);

} // namespace provision
