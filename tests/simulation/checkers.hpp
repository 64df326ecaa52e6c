#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "actors/statser.hpp"
#include "messages/reservation.hpp"
#include "messages/timestamp.hpp"
#include "persistence/reservation_store.hpp"
#include "tests/simulation/facts.hpp"
#include "tests/simulation/shadow.hpp"
#include "tests/simulation/trace.hpp"

namespace provision::simulation {

/// A broken promise of docs/contract.md.
struct violation {
  /// "P1" to "P10".
  std::string promise = {};
  std::string text = {};
};

/// What the explorer answered to one poll.
struct handed_page {
  struct document {
    std::string id = {};
    std::string text = {};
  };
  /// Where the node goes on once it remembers all of it.
  std::uint64_t cursor = 0;
  std::vector<document> documents = {};
};

/// Watches every port of the node and holds what passes against the contract.
/// Survives the node's restarts.
class checkers {
public:
  checkers(trace& log, facts& known, const wall_clock& clock)
    : log_{log}, facts_{known}, clock_{clock} {}

  /// The first promise that was broken.
  const std::optional<violation>& broken() const noexcept { return broken_; }
  void fail(std::string_view promise, const std::string& text);

  // -- the store
  void applied(const transition_batch& batch, durability demanded);
  void refused(const transition_batch& batch);
  /// The node died; `kept_all` if only its process did.
  void died(bool kept_all);
  /// A record was damaged while the node was down.
  void damaged(const std::string& id);
  /// Whether a refused batch may be on disk after all.
  bool is_in_doubt() const noexcept { return !doubtful_.empty(); }
  /// The store opened again: it must hold what was acknowledged. False if it
  /// says that it cannot be read, which is no offence when a bit was flipped.
  bool reopened(reservation_store& store, bool may_be_unreadable);
  /// The same: every line of its journal must follow the one before it.
  void chained(reservation_store& store);

  // -- the provisioners
  void called(std::string_view verb, const reservation& what);
  void answered(const std::string& id);
  /// A provisioner died or hangs: its type may wait, and be passed by others.
  void type_troubled() { type_troubled_ = true; }
  /// A clock was wrong: what can expire may wait, and be passed by others.
  void clock_troubled() { clock_troubled_ = true; }
  bool was_clock_troubled() const noexcept { return clock_troubled_; }
  /// Deadline of a call; no call may be awaited for much longer.
  std::chrono::nanoseconds call_limit{};
  bool is_calling() const noexcept { return call_.has_value(); }

  // -- the explorer
  /// The source was given documents that must be remembered once the page's
  /// cursor is stored; by id, or by their bytes if they have none.
  void handed_over(handed_page page);
  void sending(report_kind kind, const std::string& id,
               const std::string& body);
  /// The explorer took it.
  void taken(report_kind kind, const std::string& id, const std::string& body);
  bool verifies_signatures = false;

  // -- the brake
  /// As the node is told: more ordered deletions than `deletions_free` and
  /// than this share of its workloads, within the window, wait.
  std::size_t deletions_free = 5;
  std::size_t deletions_share = 30;
  std::chrono::milliseconds deletions_window{600'000};
  /// An operator confirms what is held; the node says that it took note.
  void confirms_deletions();
  void confirmed_deletions();

  // -- time
  /// Nothing is left to do at this moment.
  void idle(const ledger& numbers, const resources& capacity);
  /// Time passes; `trouble` while the disk does not work.
  void waited(bool trouble);

  /// Whether a report has not reached the explorer yet. (A row that could not
  /// be closed stays until the next start; it is no debt.)
  bool is_owing() const;
  /// What the node has said is done.
  const shadow& live() const noexcept { return live_; }
  const shadow& durable() const noexcept { return durable_; }
  std::uint64_t checks() const noexcept { return checks_; }

private:
  struct call {
    std::string id = {};
    std::chrono::nanoseconds since{};
    /// Since when the disk has let it end.
    std::chrono::nanoseconds undisturbed_since{};
  };

  void check_put(const record_put& put);
  /// The call about it is over and its outcome is acknowledged.
  void has_outcome(const std::string& id);
  void check_new(const record& row);
  void check_turn(std::string_view verb, const record& row);
  void check_removal(const record& row);
  void check_gone(const tombstone& stone);
  void check_brake(const record& row);
  void excuse_deletions();
  void check_results(const transition_batch& batch);
  void check_order(const transition_batch& batch);
  void check_cursor(std::uint64_t cursor);
  void check_handed(const handed_page& page, std::uint64_t cursor);
  bool is_excused(const std::string& id) const;

  trace& log_;
  facts& facts_;
  const wall_clock& clock_;
  std::optional<violation> broken_ = {};
  /// Survives any loss of power.
  shadow durable_ = {};
  /// Acknowledged.
  shadow live_ = {};
  std::vector<transition_batch> tail_ = {};
  /// Refused since the last success: the disk may hold one of them.
  std::vector<transition_batch> doubtful_ = {};
  bool kept_all_ = false;
  std::optional<call> call_ = {};
  /// Answered by their provisioners, and the outcome is not acknowledged.
  std::set<std::string> unsettled_ = {};
  std::uint64_t last_sequence_ = 0;
  /// The same per type, for a life in which a type had to wait.
  std::map<std::string, std::uint64_t> last_sequences_ = {};
  bool type_troubled_ = false;
  bool clock_troubled_ = false;
  /// Calls that were made in this life.
  std::set<std::string> tried_ = {};
  /// In the order in which the node had them.
  std::vector<handed_page> handed_ = {};
  std::map<std::string, std::string> results_ = {};
  /// Reports that the explorer took.
  std::set<std::string> taken_ = {};
  /// Highest version of every id that is gone.
  std::map<std::string, int> gone_ = {};
  struct deletion {
    std::chrono::nanoseconds at{};
    std::size_t records = 0;
  };
  /// Ordered deletions since the start or the last confirmation.
  std::vector<deletion> deletions_ = {};
  /// Counted already, or confirmed.
  std::set<std::string> let_through_ = {};
  bool confirming_ = false;
  std::uint64_t checks_ = 0;
};

} // namespace provision::simulation
