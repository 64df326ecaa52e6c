#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
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
  report_memory() = default;
  report_memory(const report_memory&) = delete;
  report_memory& operator=(const report_memory&) = delete;

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
  /// Reports of one kind about one reservation.
  struct word {
    /// Rows on their way. Parked ones stay.
    std::size_t owed = 0;
    /// Acceptances that are remembered, and the last of them.
    std::size_t accepted = 0;
    moment last = {};

    bool is_empty() const noexcept { return owed == 0 && accepted == 0; }
  };
  struct told {
    word result = {};
    word deleted = {};

    word& of(report_kind kind) noexcept {
      return kind == report_kind::result ? result : deleted;
    }
  };
  /// By id. Its entries stay where they are, so that rows can point at them.
  using memory = std::unordered_map<std::string, told>;
  struct report {
    memory::value_type* about = nullptr;
    report_kind kind = report_kind::result;

    word* operator->() const noexcept { return &about->second.of(kind); }
  };

  void forget_oldest();

  memory told_ = {};
  std::unordered_map<std::uint64_t, report> rows_ = {};
  /// In the order of acceptance.
  std::deque<std::pair<moment, report>> order_ = {};
};

} // namespace provision
