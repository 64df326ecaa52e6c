#include "actors/cache.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/caf_error.hpp"
#include "actors/reservation_questions.hpp"

namespace provision {

namespace {

template <class T>
caf::result<T> answer(expected<T> outcome) {
  if (!outcome)
    return to_caf(outcome.error());
  return std::move(*outcome);
}

} // namespace

void cache_state::announce_deadlines(const accepted_page& page) {
  // A migrated record is provisioned at once; the watcher then looks again.
  if (!page.reports.empty() && watcher)
    announce(timestamp{});
}

void cache_state::announce_deadlines(const settle_outcomes& settled) {
  auto earliest = watched_deadline;
  for (auto& outcome : settled.outcomes)
    if (outcome.state == record_state::provisioned)
      earliest = std::min(earliest, outcome.work.row->expires);
  if (earliest < watched_deadline)
    announce(earliest);
}

void cache_state::announce(timestamp deadline) {
  watched_deadline = deadline;
  if (watcher)
    caf::anon_send(caf::actor_cast<caf::actor>(watcher),
                   deadline_moved{deadline});
}

keeper_actor::behavior_type
cache_behavior(keeper_actor::stateful_pointer<cache_state> self,
               std::shared_ptr<std::unique_ptr<reservation_cache>> memory) {
  self->state.memory = std::move(*memory);
  return {
    [=](accept_page& page) -> caf::result<accepted_page> {
      auto reply = self->state.memory->accept(std::move(page));
      if (reply)
        self->state.announce_deadlines(*reply);
      return answer(std::move(reply));
    },
    [=](recall_glances& request) {
      return answer(self->state.memory->recall(request));
    },
    [=](const outcome_group& group) -> caf::result<settled_outcomes> {
      auto reply = self->state.memory->settle(*group);
      if (reply)
        self->state.announce_deadlines(*group);
      return answer(std::move(reply));
    },
    [=](rearm_pending& request) {
      return answer(self->state.memory->rearm(request));
    },
    [=](find_expired& request) -> caf::result<expired_records> {
      self->state.watcher = self->current_sender();
      auto reply = self->state.memory->expired(request);
      if (reply)
        self->state.watched_deadline
          = reply->next_deadline.value_or(end_of_time);
      return answer(std::move(reply));
    },
    [=](read_outbox& request) -> caf::result<outbox_rows> {
      auto rows = self->state.memory->read_reports(request);
      if (!rows)
        return to_caf(rows.error());
      return outbox_rows{std::move(*rows)};
    },
    [=](close_reports& request) {
      return answer(self->state.memory->close(request, self->clock().now()));
    },
    [=](find_record& request) {
      return answer(self->state.memory->find(request.id));
    },
    [=](list_records& request) {
      return answer(self->state.memory->list(request));
    },
    [=](read_history& request) {
      return answer(history_from(self->state.memory->store(), request));
    },
    [=](read_journal& request) {
      return answer(journal_from(self->state.memory->store(), request));
    },
    [=](read_parked& request) -> caf::result<outbox_rows> {
      auto rows = self->state.memory->store().parked(request.count_max);
      if (!rows)
        return to_caf(rows.error());
      return outbox_rows{std::move(*rows)};
    },
    [=](read_quarantine& request) {
      return answer(quarantine_from(self->state.memory->store(), request));
    },
    [=](read_store_status) {
      return answer(status_from(self->state.memory->store()));
    },
    [=](recall_fates& request) {
      return fates_from(self->state.memory->store(), request);
    },
    [=](list_host_names& request) {
      return answer(names_from(self->state.memory->store(), request));
    },
    [=](list_quarantine& request) -> caf::result<quarantine_list> {
      auto rows = self->state.memory->store().quarantine(request.after,
                                                         request.count_max);
      if (!rows)
        return to_caf(rows.error());
      return quarantine_list{std::move(*rows)};
    },
    [=](find_quarantined& request) {
      return answer(self->state.memory->find_quarantined(request.key));
    },
    [=](drop_quarantined& request) -> caf::result<done> {
      if (auto failure = self->state.memory->drop(request))
        return to_caf(failure);
      return done{};
    },
    [=](keep_number& request) -> caf::result<done> {
      if (auto failure = self->state.memory->keep(request))
        return to_caf(failure);
      return done{};
    },
    [=](recall_number& request) -> caf::result<recalled_number> {
      auto value = self->state.memory->store().cursor(request.name);
      if (!value)
        return to_caf(value.error());
      return recalled_number{*value};
    }};
}

} // namespace provision
