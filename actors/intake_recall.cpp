#include "actors/intake.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

/// What the node knows already leaves a page before it costs anything: most of
/// a history that is read once more, and of what an explorer repeats.
namespace provision {

namespace {

/// What the operator has asked for is looked at in full.
bool is_given_back(const intake_page& page) {
  return !page.released.empty();
}

recall_glances ask_of_entries(const std::vector<intake_entry>& entries,
                              const std::vector<std::size_t>& which) {
  recall_glances question;
  question.glances.reserve(which.size());
  for (auto i : which)
    question.glances.push_back(glance_at(*entries[i].what));
  return question;
}

} // namespace

bool intake_state::may_settle(const passage& way) const {
  return !way.received.empty() && !is_given_back(way.page);
}

void intake_state::note_standings(const std::vector<standing>& standings) {
  if (standings.empty())
    return;
  auto settled = std::ranges::count(standings, standing::settled);
  is_history = 2 * static_cast<std::size_t>(settled) > standings.size();
}

// -- before they are decoded --------------------------------------------------

void intake_state::glance(passage& way) {
  way.glances.resize(way.received.size());
  in_parts(way, [&](auto first, auto last, auto& decoder) {
    auto texts = way.received.begin();
    self
      ->request(decoder, caf::infinite,
                glance_at_documents{{texts + first, texts + last}})
      .then(
        [this, first, number = way.number](document_glances& part) {
          if (auto* way = find(number))
            glanced(*way, first, std::move(part));
        },
        on_failure(way));
  });
}

void intake_state::glanced(passage& way, std::size_t first,
                           document_glances part) {
  std::ranges::move(part.glances,
                    way.glances.begin() + static_cast<std::ptrdiff_t>(first));
  if (--way.parts == 0)
    recall_glanced(way);
}

void intake_state::recall_glanced(passage& way) {
  self
    ->request(peers.cache, caf::infinite,
              recall_glances{std::move(way.glances)})
    .then(
      [this, number = way.number](recalled_glances& answer) {
        auto* way = find(number);
        if (!way)
          return;
        note_standings(answer.standings);
        std::vector<received_text> left;
        for (std::size_t i = 0; i < way->received.size(); ++i)
          if (answer.standings[i] != standing::settled)
            left.push_back(std::move(way->received[i]));
        way->page.settled = way->received.size() - left.size();
        way->received = std::move(left);
        decode(*way);
      },
      [this, number = way.number](caf::error&) {
        // A store that cannot be read makes nothing known.
        if (auto* way = find(number))
          decode(*way);
      });
}

// -- after --------------------------------------------------------------------

void intake_state::recall_decoded(passage& way) {
  auto& entries = way.page.entries;
  auto asked_for = signed_ones(way);
  self->request(peers.cache, caf::infinite, ask_of_entries(entries, asked_for))
    .then(
      [this, asked_for, number = way.number](recalled_glances& answer) {
        auto* way = find(number);
        if (!way)
          return;
        note_standings(answer.standings);
        // What is known was verified when it was new; only id, version and
        // the wish to delete are read of it from now on.
        for (std::size_t i = 0; i < asked_for.size(); ++i)
          if (answer.standings[i] == standing::fresh)
            way->unverified.push_back(asked_for[i]);
        look_up_keys(*way);
      },
      [this, asked_for, number = way.number](caf::error&) {
        auto* way = find(number);
        if (!way)
          return;
        // A store that cannot be read makes nothing known: verify all.
        way->unverified = asked_for;
        look_up_keys(*way);
      });
}

} // namespace provision
