#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/requests.hpp"

namespace provision {

/// Durable intents in the order of work, and beside them those that wait. What
/// has waited comes back at its old place, not at the end: whoever passed it
/// did so because it waited, and nobody else does.
class work_queue {
public:
  /// An intent and its place in the order of work.
  struct place {
    std::uint64_t turn = 0;
    intent work = {};
  };

  /// Behind everything that came before.
  void push_back(intent work);

  bool empty() const noexcept { return ready_.empty(); }
  /// How many are ready.
  std::size_t size() const noexcept { return ready_.size(); }

  /// Takes the first one out; there must be one.
  place pop_front();

  /// Sets one aside that may not go on now.
  void wait(place which, wait_cause cause, std::string reason, timestamp since);

  /// Its pause is over: back to its old place. False if it does not wait.
  bool wake(const std::string& id);
  /// All that wait because of their type, or for a confirmation.
  void wake_type(const reservation_type& type);
  void wake_all(wait_cause cause);

  /// Takes one out of those that wait; there must be one.
  place take_waiting(const std::string& id);

  bool waits(const std::string& id) const { return waiting_.contains(id); }
  std::size_t waiting() const noexcept { return waiting_.size(); }
  std::size_t waiting(const reservation_type& type) const;
  std::size_t waiting(wait_cause cause) const;
  std::vector<std::string> ids(wait_cause cause) const;

  /// One that waits; nothing if it does not.
  std::optional<waiting_reservation> find_waiting(const std::string& id) const;
  /// How many are before a ready one; nothing if it is not ready.
  std::optional<std::size_t> ahead_of(const std::string& id) const;

  /// The first `count_max` that wait, in the order of work.
  std::vector<waiting_reservation> list_waiting(std::size_t count_max) const;

private:
  struct waiter {
    place which = {};
    wait_cause cause = wait_cause::type;
    std::string reason = {};
    timestamp since = {};
  };

  static waiting_reservation describe(const waiter& one);
  template <class Predicate>
  void wake_if(Predicate matches);

  std::map<std::uint64_t, intent> ready_ = {};
  std::unordered_map<std::string, waiter> waiting_ = {};
  std::uint64_t next_turn_ = 0;
};

} // namespace provision
