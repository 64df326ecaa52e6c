#include "tests/simulation/operator.hpp"

#include <chrono>

#include <caf/typed_event_based_actor.hpp>

#include "actors/atoms.hpp"

namespace provision::simulation {

namespace {

constexpr std::chrono::minutes pause{10};

} // namespace

caf::behavior sim_operator(caf::event_based_actor* self, engine_actor engine,
                           operator_conduct conduct) {
  self->delayed_send(self, pause, atom::tick::value);
  return {[=](atom::tick) {
    self->delayed_send(self, pause, atom::tick::value);
    self->request(engine, caf::infinite, read_engine_status{})
      .then([=](const engine_status& status) {
        if (status.deletions_held == 0)
          return;
        conduct.on_confirm();
        self->request(engine, caf::infinite, confirm_deletions{})
          .then([=](done) { conduct.on_confirmed(); }, [](caf::error&) {});
      });
  }};
}

} // namespace provision::simulation
