#include "bench/replay/measured_source.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace provision::bench {

measured_source_actor::behavior_type measured_source(
  measured_source_actor::stateful_pointer<measured_source_state> self,
  source_actor inner, std::shared_ptr<stream_journal> journal, bool serial) {
  auto& state = self->state;
  state.inner = std::move(inner);
  state.journal = std::move(journal);
  state.serial = serial;
  // They end together.
  self->link_to(state.inner);
  return {[=](next_page) { return self->state.ask(); },
          [=](reconcile_source wish) { self->send(self->state.inner, wish); },
          [=](atom::tick) { self->state.serve(); }};
}

caf::result<source_page> measured_source_state::ask() {
  asked = self->make_response_promise<source_page>();
  auto reply = *asked;
  read();
  return reply;
}

void measured_source_state::read() {
  self->request(inner, caf::infinite, next_page{})
    .then(
      [this](source_page& page) {
        next = std::move(page);
        serve();
      },
      [this](caf::error& err) { asked->deliver(std::move(err)); });
}

void measured_source_state::serve() {
  if (!next || (serial && journal->accepted() < handed_over))
    return;
  auto page = *std::exchange(next, std::nullopt);
  handed_over += page.documents.size();
  journal->hand_over(page.documents.size());
  asked->deliver(std::move(page));
}

} // namespace provision::bench
