#pragma once

#include <vector>

#include "actors/requests.hpp"
#include "tests/support/deterministic.hpp"

namespace provision::testing {

/// Asks `whom` and adds the answer to `answers` when it comes, which may be
/// much later.
template <class Reply, class Handle, class Request>
void ask_later(deterministic& node, const Handle& whom, Request request,
               std::vector<expected<Reply>>& answers) {
  node.spawn([whom, request, &answers](caf::event_based_actor* self) {
    self->request(whom, caf::infinite, request)
      .then(
        [&answers](Reply& reply) { answers.emplace_back(std::move(reply)); },
        [&answers](caf::error& err) {
          answers.emplace_back(fail(from_caf(err)));
        });
  });
  node.run();
}

/// Pages that a source has handed over.
using source_pages = std::vector<expected<source_page>>;

/// Asks `source` for one page.
template <class Source>
void ask_page(deterministic& node, const Source& source, source_pages& pages) {
  ask_later(node, source, next_page{}, pages);
}

} // namespace provision::testing
