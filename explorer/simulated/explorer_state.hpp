#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "explorer/simulated/call.hpp"
#include "explorer/simulated/fault_plan.hpp"
#include "explorer/simulated/holdings.hpp"
#include "explorer/simulated/simulated_explorer.hpp"

namespace provision::simulated {

/// What MongoDB's driver says when it finds nothing.
inline constexpr std::string_view no_documents
  = "mongo: no documents in result";

/// What the handlers of requests work on.
struct explorer_state {
  simulated_explorer_options options = {};
  holdings all = {};
  fault_plan faults = {};
  std::uint64_t requests = 0;
  /// Changes of the request that is being served, for the journal.
  std::vector<change> changes = {};

  /// Does the change and remembers it for the journal.
  void make(change what);

  /// The explorer's idea of Unix seconds.
  std::int64_t now() const;

  /// Puts a snapshot with this next action into the queue.
  void enqueue(documents::workload snapshot, documents::next_action action);
};

/// Removes workloads whose pools have run out.
void expire_pools(explorer_state& state);

/// The explorer's conventions about users' signatures. No error, or the
/// original's text.
error check_signature(const user& who, std::string_view hex_signature,
                      std::string_view message);

/// Go's complaint about `text`, if it is not hexadecimal.
error check_hex(std::string_view text);

/// Raw key of `who`; the original's text if the entry holds none.
expected<std::string> key_of(const user& who);

} // namespace provision::simulated
