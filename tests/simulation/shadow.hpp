#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "persistence/reservation_store.hpp"

namespace provision::simulation {

/// What a store holds, kept in the plainest way: the yardstick for the real
/// one.
struct shadow {
  std::map<std::string, record> records = {};
  std::map<std::string, tombstone> tombstones = {};
  std::map<std::uint64_t, outbox_row> outbox = {};
  std::map<std::uint64_t, outbox_row> parked = {};
  std::map<std::string, quarantined> quarantine = {};
  std::map<std::string, std::uint64_t> cursors = {};
  /// All users and types that there ever were.
  std::set<std::string> users = {};
  std::set<std::string> types = {};

  /// The rows of `batch` carry their numbers already.
  void apply(const transition_batch& batch);

  /// Where `store` differs from this; empty if it does not.
  std::string difference_to(reservation_store& store) const;

  /// The same of the lists by user and by type.
  std::string difference_to_lists(reservation_store& store) const;

  /// Sum over the records that hold capacity.
  resources used() const;
};

} // namespace provision::simulation
