#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/clock_guard.hpp"
#include "actors/engine_impl.hpp"
#include "actors/engine_times.hpp"
#include "actors/outcome_line.hpp"
#include "actors/provisioner_desk.hpp"
#include "actors/sources/operator_source.hpp"
#include "actors/work_queue.hpp"
#include "config/node_config.hpp"
#include "persistence/in_flight_mark.hpp"

namespace provision {

/// Everyone the engine talks to; introduced once, where they are spawned.
struct engine_peers {
  intake_actor intake = {};
  cache_actor cache = {};
  /// The cache again, for what the operator asks; null: no such requests, and
  /// cordons do not survive a restart.
  keeper_actor keeper = {};
  /// Where quarantined documents enter again; null: they cannot.
  operator_source_actor orders = {};
  /// How documents of a source are verified; enforced for those not named.
  std::map<std::string, config::signature_policy> signatures = {};
  /// Null: the wall clock is always believed.
  std::shared_ptr<clock_guard> guard = {};
  statser_actor statser = {};
  feedback_actor feedback = {};
  signer_actor signer = {};
  /// The same key on the engine's thread, for the few; null: there is none.
  signer_actor signer_at_hand = {};
  std::map<reservation_type, provisioner_factory> provisioners = {};
  /// Types whose provisioner does not wait for the first call.
  std::vector<reservation_type> run_always = {};
  /// Why a type is not offered.
  std::map<reservation_type, std::string> refusals = {};
  std::shared_ptr<in_flight_mark> mark = {};
  std::shared_ptr<const wall_clock> clock = {};
  std::function<double()> random = [] { return 0.5; };
  /// Called once: the node's records are counted and its unfinished work is
  /// queued (READY); and when all that a source's history held is settled.
  std::function<void(std::uint64_t)> on_taken_up = [](std::uint64_t) {};
  std::function<void()> on_ready = [] {};
  std::function<void()> on_history_end = [] {};
};

struct engine_loop_state {
  static inline const char* name = "engine";

  explicit engine_loop_state(engine_impl::pointer self)
    : self{self}, desk{self} {}

  /// The one reservation that is at a provisioner or on its way there.
  struct journey {
    intent work = {};
    /// Its place in the order of work.
    std::uint64_t turn = 0;
    /// Its amounts are counted by the statser.
    bool counted = false;
    timestamp since = {};
  };

  /// A removal that failed, until it succeeds.
  struct stuck_removal {
    std::uint32_t failures = 0;
    error last = {};
    timestamp next_try = {};
  };

  // -- start: what a crash cut short goes first (engine_restart.cpp)
  void recover(std::uint64_t after, std::string in_flight);
  void recovered(rearmed_pending again);
  void ready();

  // -- taking in (engine_intake.cpp)
  void want_page();
  void take_in(intake_page page);
  void sign_refusals();
  void accept_segment();
  accept_page next_segment();
  void line_up(std::vector<intent> intents);
  void accepted(accepted_page answer, std::size_t taken);
  bool is_moving(const std::string& id) const;
  bool is_busy(const reservation& what) const;
  void check_history_end();

  // -- the steps of a reservation, in the order it meets them
  void open_desk();
  void pump();
  void begin(work_queue::place next);
  void admit();
  /// ": <why>" if it is known why this node does not offer a type.
  std::string reason_for_refusing(const reservation_type& type) const;
  void provision();
  void decommission();
  void take_down();
  void wait(wait_cause cause, std::string reason);
  void wait_for_clock();
  void failed(error why);
  void retry_later(error why);
  void refuse(error why);
  void reject(error why);
  void withdraw(error why);
  void quarantine();
  void tell_owner(settlement& outcome, std::string reason);
  void removed();
  void removal_failed(error why);
  void finish(settlement outcome);

  // -- outcomes become durable, then known (engine_settling.cpp)
  void flush();
  void sign_outcomes();
  void not_signed(const error& why);
  void store_outcomes();
  void settled(settled_outcomes answer);
  void hand_over(std::vector<outbox_row> reports);
  void close_journey(const settlement& outcome);
  void rest(const settlement& outcome);
  void report_numbers();
  void pause(const error& why);
  void went_on();
  void resume();
  void check_stopped();

  // -- questions (engine_questions.cpp)
  work_place place_of(const std::string& id) const;
  timestamp paused_since = {};

  // -- control (engine_control.cpp)
  caf::result<done> decommission_cached_one(decommission_cached order);
  void order_cached(const decommission_cached& order, found_record found);
  void answer_cached(const std::string& id, const error& why);
  caf::result<done> claim(const std::string& id);
  void release(const std::string& id);
  caf::result<done> stop();
  engine_status status() const;

  // -- the operator (engine_operator.cpp)
  void recall_orders();
  void recall_order(std::string name, std::function<void()> then);
  caf::result<done> keep_order(std::string name, bool on,
                               std::function<void()> then);
  caf::result<quarantine_list> list_quarantined(list_quarantine request);
  caf::result<done> retry_row(retry_quarantined request);
  caf::result<done> submit(submit_documents request);
  /// How documents of this source are verified.
  config::signature_policy policy_for(const std::string& source) const;
  caf::result<done> drop_row(drop_quarantined request);
  caf::result<done> hold_intake(bool on);
  caf::result<done> cordon(const reservation_type& type, bool on);
  caf::result<done> retry_now(const std::string& id);
  caf::result<done> confirm_held_deletions();
  caf::result<done> believe_clock();

  // -- brakes (engine_brakes.cpp)
  bool clock_is_trusted();
  bool has_brake(const record& row) const;
  void ask_brake();
  bool brake_holds(const record& row, std::uint64_t live);
  std::string excess(std::uint64_t live) const;
  void pull_brake();

  result make_result(const reservation& what, result_state state,
                     std::string error_text, std::string data) const;

  engine_impl::pointer self;
  engine_peers peers = {};
  config::engine_settings settings = {};
  provisioner_desk desk;

  bool running = false;
  bool stopping = false;
  std::optional<caf::typed_response_promise<done>> stop_asked = {};
  bool asking = false;
  bool history_end_due = false;
  /// The page that is being accepted, the entries already taken gone.
  std::optional<intake_page> arriving = {};
  bool accepting = false;
  /// Orders from the operator, one page each, before the sources' pages.
  std::deque<intake_page> control = {};

  /// Durable intents that wait for their turn, in order.
  work_queue queue = {};
  std::optional<journey> current = {};
  /// Ids in queue, current, outcomes or the janitor's hand: an id is at one
  /// place only.
  std::unordered_set<std::string> active = {};
  /// Those of them that the janitor has in hand.
  std::unordered_set<std::string> claimed = {};
  std::unordered_map<std::string, stuck_removal> stuck = {};

  /// An ordered deletion that was let through.
  struct deletion {
    std::chrono::steady_clock::time_point begun = {};
    /// Workloads that the node had then.
    std::uint64_t live = 0;
  };
  /// As far as the window reaches.
  std::deque<deletion> deletions = {};
  /// Deletions that were let through once; they are not counted again.
  std::unordered_set<std::string> deletions_passed = {};
  bool braking = false;
  /// Which limit was exceeded, for people.
  std::string brake_reason = "too many deletions were ordered in a short time";

  outcome_line outcomes = {};
  /// The signer or the store refused a group; all wait for the timer.
  bool outcomes_refused = false;
  /// Outcomes, or the page, were refused and are not taken yet.
  bool outcomes_stuck = false;
  bool page_stuck = false;
  /// Whoever refused something is asked again when the timer fires.
  bool retry_due = false;
  /// Groups that the feedback has no room for yet.
  std::size_t reports_handed_over = 0;
  bool reading_numbers = false;
  bool numbers_changed = false;

  std::unordered_map<std::string, caf::typed_response_promise<done>>
    cached_asked = {};
  /// Where recovery goes on once the store answers again.
  std::optional<std::pair<std::uint64_t, std::string>> restart_from = {};
  engine_status counters = {};
  engine_times times = {};
};

/// Applies reservations one at a time, in order, whatever fails: the single
/// worker of the node. Exactly one provisioner call is in flight.
engine_impl::behavior_type
engine_loop(engine_impl::stateful_pointer<engine_loop_state> self,
            engine_peers peers, config::engine_settings settings);

} // namespace provision
