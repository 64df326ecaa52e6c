#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/engine.hpp"
#include "messages/error.hpp"

namespace provision {

/// By which back-ends, on threads of their own, reach the actors of a running
/// engine. Thread-safe; it may be kept longer than the engine.
class engine_door {
public:
  engine_door();

  /// For engine_options::companions.
  std::function<caf::strong_actor_ptr(caf::actor_system&, const node_actors&)>
  companion();

  /// Whose live reservation of this type this id is. Blocks.
  /// errc::no_such_reservation; errc::host_busy if no engine runs.
  expected<std::string> owner(const reservation_type& type,
                              const std::string& id) const;

  /// Says that a workload is beyond repair; the engine takes it down and tells
  /// its owner why. Returns at once. errc::host_busy if no engine runs.
  error give_up(const std::string& id, const std::string& reason) const;

private:
  struct place;

  std::shared_ptr<place> place_;
};

} // namespace provision
