#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_control_block.hpp>

#include "actors/orphan.hpp"
#include "backends/held_object.hpp"
#include "messages/error.hpp"

namespace provision {

/// By which threads outside the engine reach the worker that serves a type at
/// the time. Thread-safe; the calls block.
class worker_contact {
public:
  /// All that it holds. errc::host_unavailable: there is no worker now.
  expected<std::vector<held_object>> list() const;
  error remove(const std::string& id) const;

  /// For whoever speaks to the worker, from when it is ready until its end.
  void open(const caf::actor& speaker);
  void close(const caf::actor_addr& speaker);

private:
  caf::actor lock() const;

  mutable std::mutex mutex_;
  caf::weak_actor_ptr speaker_;
};

/// For engine_options::inventories: what the worker of a type holds.
inventory inventory_of_worker(const reservation_type& type,
                              std::shared_ptr<worker_contact> contact);

} // namespace provision
