#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "identity/node_key.hpp"
#include "tests/conformance/outcome.hpp"
#include "tests/conformance/rules.hpp"

namespace provision::conformance {

/// What our engine must do with a trace's input, and by which rule where that
/// is not what the original does. Knows the decisions, not the engine's code.
class engine_model {
public:
  explicit engine_model(const trace& recording);

  // -- what happens, in order
  void preload(const value& step, bool started);
  void start(bool synced, bool first_boot);
  /// A page that was asked for `asked_at` seconds after the first one, if its
  /// source is polled; all of it is worked off at that very moment.
  void hand_over(const std::vector<reservation>& page,
                 std::optional<double> asked_at = {});
  /// What is over by now goes.
  void expire();
  void wait(std::chrono::seconds span);
  void decommission_cached(const std::string& id, const std::string& reason);
  /// The time after the last step: what can still be done is done.
  void settle();

  /// A rule that concerns the whole scenario.
  void use(const char* rule) { everywhere_.insert(rule); }

  /// The lowest reservation that runs and whose result the explorer has.
  std::optional<std::uint64_t> lowest_reported() const;

  const outcome& expected() const { return made_; }
  /// Rules that were applied to this reservation.
  const std::set<std::string>& rules_of(const std::string& id);
  const std::set<std::string>& rules_everywhere() const { return everywhere_; }
  /// What a set of records counts for, by an own calculation.
  static numbers count(const std::vector<reservation>& live);

  /// Of the system itself, added to the numbers that are told.
  static resources overhead(const trace& recording);
  /// Memory that may be lent out, bytes.
  static std::uint64_t memory_limit(const trace& recording);

  void finish();

private:
  enum class stage { unfinished, ok, failed, removing };

  struct kept {
    reservation what = {};
    stage at = stage::unfinished;
    report last = {};
  };

  void take(const reservation& what);
  void take_known(kept& known, const reservation& what);
  void take_fresh(const reservation& what);
  bool migrate(const reservation& what);
  const char* refusal_of_amounts(const reservation& what, std::string& message);
  void provision(const reservation& what);
  void settle_failed(const reservation& what, const std::string& message);
  void refuse(const reservation& what, const std::string& message);
  bool take_down(kept& known);
  void gone(const std::string& id);
  void retry_removals();
  bool can_sign(const std::string& id);
  report make_report(const reservation& what, int state, std::string message,
                     std::string data);
  void send(report one);
  void tell_numbers();
  void rule(const std::string& id, const char* name) {
    rules_[id].insert(name);
  }
  std::vector<reservation> live() const;

  const trace& recording_;
  script script_;
  provision::node_key key_;
  timestamp now_ = from_unix(scenario_time);
  std::map<std::string, kept> records_ = {};
  std::map<std::string, int> graves_ = {};
  std::set<std::string> damaged_ = {};
  std::set<std::string> blocked_ = {};
  std::map<std::string, std::set<std::string>> rules_ = {};
  std::set<std::string> everywhere_ = {};
  std::optional<double> asked_at_ = {};
  /// When the explorer last accepted a report of this id.
  std::map<std::string, double> told_at_ = {};
  /// Was cut short by a crash, and is taken up again.
  std::string resumed_ = {};
  bool changed_ = false;
  outcome made_ = {};
};

} // namespace provision::conformance
