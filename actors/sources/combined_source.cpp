#include "actors/sources/combined_source.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

#include "actors/caf_error.hpp"
#include "logging/log.hpp"

namespace provision {

source_actor::behavior_type
combined_source(source_actor::stateful_pointer<combined_source_state> self,
                std::vector<source_actor> sources) {
  auto& state = self->state;
  state.busy.resize(sources.size(), false);
  state.ended.resize(sources.size(), false);
  state.sources = std::move(sources);
  return {[=](next_page) { return self->state.ask(); },
          [=](reconcile_source wish) {
            for (auto& source : self->state.sources)
              self->send(source, wish);
          }};
}

caf::result<source_page> combined_source_state::ask() {
  asked = self->make_response_promise<source_page>();
  for (std::size_t i = 0; i < sources.size(); ++i)
    fetch(i);
  auto reply = *asked;
  serve();
  return reply;
}

void combined_source_state::fetch(std::size_t which) {
  if (busy[which] || ended[which])
    return;
  busy[which] = true;
  self->request(sources[which], caf::infinite, next_page{})
    .then([this, which](source_page& page) { got(which, std::move(page)); },
          [this, which](caf::error& err) {
            log::error("a source has failed: " + from_caf(err).message);
            lost(which);
          });
}

void combined_source_state::got(std::size_t which, source_page page) {
  ended[which] = page.end_of_stream;
  // Only the end of the last source is the end of the stream.
  page.end_of_stream
    = std::find(ended.begin(), ended.end(), false) == ended.end();
  ready.push_back({which, std::move(page)});
  serve();
}

void combined_source_state::lost(std::size_t which) {
  ended[which] = true;
  if (std::find(ended.begin(), ended.end(), false) != ended.end())
    return;
  ready.push_back({which, {.end_of_stream = true}});
  serve();
}

void combined_source_state::serve() {
  if (!asked || ready.empty())
    return;
  busy[ready.front().which] = false;
  asked->deliver(std::move(ready.front().page));
  asked.reset();
  ready.pop_front();
}

} // namespace provision
