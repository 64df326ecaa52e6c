// The edges of an engine with a recorder beside them.
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <utility>

#include "actors/caf_error.hpp"
#include "actors/recording/recorder.hpp"

namespace provision {

namespace {

struct recorded_source_state {
  static inline const char* name = "recorded source";

  source_actor inner = {};
  std::shared_ptr<recorder> by = {};
};

source_actor::behavior_type
recorded_source(source_actor::stateful_pointer<recorded_source_state> self,
                source_actor inner, std::shared_ptr<recorder> by) {
  self->state.inner = std::move(inner);
  self->state.by = std::move(by);
  // They end together.
  self->link_to(self->state.inner);
  return {
    [=](next_page) {
      auto reply = self->make_response_promise<source_page>();
      self->request(self->state.inner, caf::infinite, next_page{})
        .then(
          [=](source_page& page) mutable {
            if (!page.documents.empty())
              self->state.by->page(page);
            reply.deliver(std::move(page));
          },
          [=](caf::error& err) mutable { reply.deliver(std::move(err)); });
      return reply;
    },
    [=](reconcile_source wish) { self->send(self->state.inner, wish); }};
}

class recorded_feedback final : public feedbacker {
public:
  recorded_feedback(std::shared_ptr<feedbacker> explorer,
                    std::shared_ptr<recorder> by)
    : explorer_{std::move(explorer)}, by_{std::move(by)} {}

  void feedback(const std::string& node_id, const std::string& id,
                const std::string& body, callback done) override {
    by_->result(id, body);
    explorer_->feedback(node_id, id, body, std::move(done));
  }

  void deleted(const std::string& node_id, const std::string& id,
               callback done) override {
    by_->deleted(id);
    explorer_->deleted(node_id, id, std::move(done));
  }

  void update_stats(const std::string& node_id, const workload_amount& counts,
                    const resource_amount& units, callback done) override {
    explorer_->update_stats(node_id, counts, units, std::move(done));
  }

private:
  std::shared_ptr<feedbacker> explorer_;
  std::shared_ptr<recorder> by_;
};

class recorded_keys final : public key_directory {
public:
  recorded_keys(std::shared_ptr<key_directory> known,
                std::shared_ptr<recorder> by)
    : known_{std::move(known)}, by_{std::move(by)} {}

  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done) override {
    known_->find_user_key(
      tid, [by = by_, tid, done = std::move(done)](expected<std::string> key) {
        if (key)
          by->user(tid, *key);
        done(std::move(key));
      });
  }

  std::optional<std::string> key_at_hand(std::int64_t tid) override {
    auto key = known_->key_at_hand(tid);
    if (key)
      by_->user(tid, *key);
    return key;
  }

private:
  std::shared_ptr<key_directory> known_;
  std::shared_ptr<recorder> by_;
};

/// Notes what `call` answers; an exception is an answer, too.
template <class Answer, class Call, class Note>
Answer noted(const Call& call, const reservation& what, const Note& note) {
  try {
    Answer answer = call(what);
    note(answer);
    return answer;
  } catch (const std::exception& thrown) {
    error failure{errc::provisioner_crashed, thrown.what()};
    if constexpr (std::is_same_v<Answer, error>)
      note(failure);
    else
      note(Answer{fail(std::move(failure))});
    throw;
  }
}

workload_functions recorded(workload_functions functions,
                            const std::shared_ptr<recorder>& by) {
  workload_functions made;
  made.provision =
    [by, call = std::move(functions.provision)](const reservation& what) {
      return noted<expected<std::string>>(call, what, [&](const auto& answer) {
        by->provisioned(what.id, answer);
      });
    };
  // A type without one stays a type without one.
  if (functions.decommission)
    made.decommission =
      [by, call = std::move(functions.decommission)](const reservation& what) {
        return noted<error>(call, what, [&](const auto& failure) {
          by->decommissioned(what.id, failure);
        });
      };
  return made;
}

} // namespace

void record_edges(engine_options& options, std::shared_ptr<recorder> by,
                  const statser_limits& limits) {
  by->start(options, limits);
  for (auto& source : options.sources)
    source.spawn = [spawn = std::move(source.spawn),
                    by](caf::actor_system& system, std::uint64_t cursor) {
      return system.spawn(recorded_source, spawn(system, cursor), by);
    };
  for (auto& [type, functions] : options.provisioners)
    functions = recorded(std::move(functions), by);
  for (auto& [type, settings] : options.workers) {
    settings.on_provisioned
      = [by](const std::string& id, const expected<std::string>& answer) {
          by->provisioned(id, answer);
        };
    settings.on_decommissioned
      = [by](const std::string& id, const error& failure) {
          by->decommissioned(id, failure);
        };
  }
  if (options.feedback)
    options.feedback
      = std::make_shared<recorded_feedback>(std::move(options.feedback), by);
  if (options.keys)
    options.keys = std::make_shared<recorded_keys>(std::move(options.keys), by);
}

} // namespace provision
