#include "daemon/engine_door.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <mutex>

#include "actors/caf_error.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

constexpr std::chrono::seconds patience{30};

/// Hands on what it is asked.
caf::behavior door(caf::event_based_actor* self, const node_actors& peers) {
  return {[=](find_record& question) {
            return self->delegate(peers.cache, std::move(question));
          },
          [=](decommission_cached& order) {
            const auto id = order.id;
            self->request(peers.engine, caf::infinite, std::move(order))
              .then([](done) {},
                    [id](const caf::error& failed) {
                      log::error("a workload that is beyond repair could not "
                                 "be removed: "
                                   + to_string(from_caf(failed)),
                                 id);
                    });
          }};
}

error nobody() {
  return {errc::host_busy, "the engine does not run"};
}

} // namespace

struct engine_door::place {
  std::mutex mutex;
  caf::weak_actor_ptr actor;

  caf::strong_actor_ptr lock() {
    const std::lock_guard guard{mutex};
    return actor.lock();
  }
};

engine_door::engine_door() : place_{std::make_shared<place>()} {
}

std::function<caf::strong_actor_ptr(caf::actor_system&, const node_actors&)>
engine_door::companion() {
  return [place = place_](caf::actor_system& system, const node_actors& peers) {
    auto strong
      = caf::actor_cast<caf::strong_actor_ptr>(system.spawn(door, peers));
    const std::lock_guard guard{place->mutex};
    place->actor = caf::actor_cast<caf::weak_actor_ptr>(strong);
    return strong;
  };
}

expected<std::string> engine_door::owner(const reservation_type& type,
                                         const std::string& id) const {
  const auto actor = place_->lock();
  if (!actor)
    return fail(nobody());
  expected<std::string> result = fail(nobody());
  caf::scoped_actor self{*actor->home_system};
  self
    ->request(caf::actor_cast<caf::actor>(actor), patience,
              find_record{.id = id})
    .receive(
      [&](const found_record& found) {
        const auto& row = *found.row;
        // One that was made a moment ago may not be on record as such yet.
        const bool is_wanted = row.state == record_state::accepted
                               || row.state == record_state::applying
                               || row.state == record_state::provisioned;
        if (row.type == type && is_wanted)
          result = row.user_id;
        else
          result = fail(errc::no_such_reservation,
                        "no " + type.name + ' ' + id + " is on this node");
      },
      [&](const caf::error& failed) { result = fail(from_caf(failed)); });
  return result;
}

error engine_door::give_up(const std::string& id,
                           const std::string& reason) const {
  const auto actor = place_->lock();
  if (!actor)
    return nobody();
  caf::anon_send(caf::actor_cast<caf::actor>(actor),
                 decommission_cached{.id = id, .reason = reason});
  return {};
}

} // namespace provision
