#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bench/replay/stage_sample.hpp"
#include "messages/error.hpp"
#include "persistence/reservation_store.hpp"

namespace provision::bench {

/// What the node writes of a reservation, without the node: its intent and its
/// outcome, each in a synced batch with its group, and that its report was
/// accepted.
class stage_store {
public:
  /// A fresh store below `folder`, ready to be measured.
  static expected<std::unique_ptr<stage_store>>
  open(const std::string& folder, const std::string& node_id);
  ~stage_store();

  error write_intents(const std::vector<const stage_sample*>& group);
  /// Of the first intents that have none.
  error write_outcomes(const std::vector<const stage_sample*>& group);

private:
  explicit stage_store(std::string folder) : folder_{std::move(folder)} {}

  record new_row(const stage_sample& one);

  std::string folder_;
  std::unique_ptr<reservation_store> store_ = {};
  /// Intents without an outcome.
  std::deque<record_ptr> open_ = {};
  std::uint64_t next_sequence_ = 1;
};

} // namespace provision::bench
