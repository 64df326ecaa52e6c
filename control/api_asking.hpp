#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "actors/caf_error.hpp"
#include "control/api.hpp"
#include "control/api_answers.hpp"

/// How the API asks others; for its own sources.
namespace provision {

template <class Reply, class Handle, class Request, class Then>
void api_state::ask(const api_call_ptr& call, const Handle& whom,
                    Request request, Then then) {
  self->request(whom, caf::infinite, std::move(request))
    .then([then](Reply& reply) mutable { then(reply); },
          [call](caf::error& err) { refuse(*call, from_caf(err)); });
}

template <class Reply, class Request, class Then>
void api_state::ask_store(const api_call_ptr& call, Request request,
                          Then then) {
  store_questions.push_back([this, call, request, then]() mutable {
    self->request(peers.cache, caf::infinite, std::move(request))
      .then(
        [this, then](Reply& reply) mutable {
          store_free();
          then(reply);
        },
        [this, call](caf::error& err) {
          store_free();
          if (call)
            refuse(*call, from_caf(err));
        });
  });
  if (!store_busy)
    store_free();
}

} // namespace provision
