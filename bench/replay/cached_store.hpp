#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/replay/generator.hpp"
#include "identity/signer.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// A store full of workloads that run.
struct cached_orders {
  std::string folder = {};
  std::string node_id = {};
  type_mix mix = {};
  std::uint64_t seed = 1;
  std::uint64_t count = 0;
  /// The deadlines follow from here, `step` apart; end_of_time: there are none.
  timestamp first_deadline = end_of_time;
  std::chrono::nanoseconds step{0};
  /// The node's: a store that it finds unsigned it begins to chain anew.
  std::shared_ptr<const signer> signs = {};
  /// Whether each record also has its line in the journal.
  bool has_lines = false;
};

/// Between two deadlines, if `count` of them are to fill `seconds`.
std::chrono::nanoseconds deadline_step(double seconds, std::uint64_t count);

/// Reservation number of the first workload of a built store: beyond those of
/// streams.
inline constexpr std::int64_t first_cached_id = 1'000'000'000'000;

/// Writes the store; the records are as if the node had provisioned them, and
/// nothing is synced on the way.
error build_store(const cached_orders& orders);

/// Makes a store like that of a node which has run for long: what was written
/// at once would else be merged behind the run that is measured.
error settle_store(const std::string& folder);

/// A store that can be changed without changing `from`: tables, which LevelDB
/// never changes, are shared; everything else is copied.
error copy_store(const std::string& from, const std::string& to);

} // namespace provision::bench
