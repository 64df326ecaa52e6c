#pragma once

#include <atomic>
#include <memory>

#include "persistence/reservation_store.hpp"

namespace provision::bench {

/// Counts what is synced. Written by the store's thread.
struct sync_counts {
  std::atomic<std::uint64_t> intents = 0;
  std::atomic<std::uint64_t> intent_syncs = 0;
  std::atomic<std::uint64_t> outcomes = 0;
  std::atomic<std::uint64_t> outcome_syncs = 0;
};

/// `store`, and each synced batch counted.
std::unique_ptr<reservation_store>
measured_store(std::unique_ptr<reservation_store> store,
               std::shared_ptr<sync_counts> counts);

} // namespace provision::bench
