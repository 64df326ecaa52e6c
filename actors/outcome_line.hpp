#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "actors/requests.hpp"

namespace provision {

/// Outcomes on their way to the disk, in the order in which the journeys ended:
/// first signed, then stored, one group at a time at each of the two, so that
/// the next group is signed while this one is synced.
class outcome_line {
public:
  using group = std::vector<settlement>;

  outcome_line() : storing_{std::make_shared<settle_outcomes>()} {}

  void push_back(settlement outcome) { made_.push_back(std::move(outcome)); }

  bool empty() const noexcept { return size() == 0; }
  std::size_t size() const noexcept {
    return made_.size() + signing_.size() + signed_.size()
           + storing_->outcomes.size();
  }
  bool at_signer() const noexcept { return !signing_.empty(); }
  /// How many are signed and wait for the store.
  std::size_t ready() const noexcept { return signed_.size(); }

  /// The next group to sign, at most `count_max`; empty if there is none or
  /// the one before is not back.
  const group& next_to_sign(std::size_t count_max) {
    return next(made_, signing_, count_max);
  }
  /// The group is back: these are its signed results, for those outcomes that
  /// owe one.
  void was_signed(std::vector<result> results) {
    auto next = results.begin();
    for (auto& outcome : signing_)
      if (outcome.send_result)
        outcome.result = std::move(*next++);
    append(signed_, signing_);
  }

  /// The next group to store, likewise; null if there is none. Nobody changes
  /// it before it is back.
  outcome_group next_to_store(std::size_t count_max) {
    return next(signed_, storing_->outcomes, count_max).empty() ? nullptr
                                                                : storing_;
  }
  /// The group is on disk.
  outcome_group was_stored() {
    return std::exchange(storing_, std::make_shared<settle_outcomes>());
  }

  /// Whoever was asked refused: the group is the next one again.
  void was_not_signed() { put_back(made_, signing_); }
  void was_not_stored() { put_back(signed_, storing_->outcomes); }

private:
  static const group& next(group& from, group& to, std::size_t count_max) {
    static const group none;
    if (!to.empty())
      return none;
    auto last = from.begin()
                + static_cast<std::ptrdiff_t>(std::min(from.size(), count_max));
    to.assign(std::make_move_iterator(from.begin()),
              std::make_move_iterator(last));
    from.erase(from.begin(), last);
    return to;
  }
  static void append(group& to, group& from) {
    std::ranges::move(from, std::back_inserter(to));
    from.clear();
  }
  static void put_back(group& to, group& from) {
    to.insert(to.begin(), std::make_move_iterator(from.begin()),
              std::make_move_iterator(from.end()));
    from.clear();
  }

  group made_ = {};
  group signing_ = {};
  group signed_ = {};
  /// Never null.
  std::shared_ptr<settle_outcomes> storing_;
};

} // namespace provision
