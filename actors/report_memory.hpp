#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/second_look.hpp"
#include "persistence/record.hpp"

namespace provision {

/// Knows which reports need not be owed again. The explorer shows a reservation
/// in every page until it has taken the report, so a page that was asked for
/// before that speaks of the past. A report sent because of it would arrive
/// after the first and take a deletion that its user ordered meanwhile out of
/// the explorer's queue.
class report_memory {
public:
  /// Accepted reports that are remembered at most; the oldest are forgotten.
  static constexpr std::size_t accepted_max = 16384;

  /// These rows are durable and will be delivered. Those that it knows are
  /// passed over.
  void owe(const std::vector<outbox_row>& rows);

  /// The explorer has accepted these rows. The numbers of those reservations
  /// whose last word was a result; behind a deletion nothing can come.
  std::optional<number_range>
  accept(const std::vector<std::uint64_t>& sequences, moment now);

  /// Whether the same report is on its way, or was accepted after a page was
  /// asked for; nothing: the sender does not repeat itself.
  bool knows(const outbox_row& row, std::optional<moment> asked_at) const;

  /// The next page was asked for at this moment: what was accepted before needs
  /// no remembering.
  void forget_before(moment asked_at);

private:
  using report = std::pair<report_kind, std::string>;

  struct hash {
    std::size_t operator()(const report& one) const noexcept {
      return std::hash<std::string>{}(one.second)
             ^ static_cast<std::size_t>(one.first);
    }
  };

  void forget_oldest();

  /// How many rows are on their way. Parked ones stay.
  std::unordered_map<report, std::size_t, hash> owed_ = {};
  std::unordered_map<std::uint64_t, report> rows_ = {};
  std::unordered_map<report, moment, hash> accepted_ = {};
  /// In the order of acceptance.
  std::deque<std::pair<moment, report>> order_ = {};
};

} // namespace provision
