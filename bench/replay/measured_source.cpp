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
          // A file is read once.
          [=](reconcile_source) {}, [=](atom::tick) { self->state.serve(); }};
}

caf::result<source_page> measured_source_state::ask() {
  asked = self->make_response_promise<source_page>();
  auto reply = *asked;
  if (next)
    serve();
  else
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
  if (!next || !asked || (serial && journal->accepted() < handed_over))
    return;
  auto reply = std::exchange(asked, std::nullopt);
  auto page = take_first();
  handed_over += page.documents.size();
  journal->hand_over(page.documents.size());
  reply->deliver(std::move(page));
}

/// The next page; in a serial measurement its first document alone. Its place
/// is the number of documents before it: the true one may be some lines
/// further.
source_page measured_source_state::take_first() {
  if (!serial || next->documents.size() < 2)
    return *std::exchange(next, std::nullopt);
  source_page first;
  first.source = next->source;
  first.signatures = next->signatures;
  if (next->cursor)
    first.cursor = handed_over + 1;
  first.documents.push_back(std::move(next->documents.front()));
  next->documents.erase(next->documents.begin());
  return first;
}

} // namespace provision::bench
