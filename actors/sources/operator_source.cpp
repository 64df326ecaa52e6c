#include "actors/sources/operator_source.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace provision {

operator_source_actor::behavior_type operator_source(
  operator_source_actor::stateful_pointer<operator_source_state> self) {
  return {[=](next_page) -> caf::result<source_page> {
            auto reply = self->make_response_promise<source_page>();
            self->state.asked = reply;
            self->state.serve();
            return reply;
          },
          [](reconcile_source) {},
          [=](source_page& page) {
            self->state.pages.push_back(std::move(page));
            self->state.serve();
          }};
}

void operator_source_state::serve() {
  if (!asked || pages.empty())
    return;
  asked->deliver(std::move(pages.front()));
  asked.reset();
  pages.pop_front();
}

} // namespace provision
