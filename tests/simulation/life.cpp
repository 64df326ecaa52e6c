#include "tests/simulation/life.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "actors/cache.hpp"
#include "actors/decoder.hpp"
#include "actors/feedback.hpp"
#include "actors/intake.hpp"
#include "actors/signing.hpp"
#include "actors/sources/combined_source.hpp"
#include "actors/sources/expiry_source.hpp"
#include "actors/sources/operator_source.hpp"
#include "actors/sources/poll_source.hpp"

namespace provision::simulation {

expected<std::unique_ptr<life>> life::start(birth given) {
  std::unique_ptr<life> made{new life};
  auto& plant = given.planted;
  auto& system = given.system;
  auto cursor = given.store->cursor("explorer");
  if (!cursor)
    return fail(cursor.error());
  made->numbers_ = std::make_shared<ledger>(statser_limits{given.capacity, {}});
  auto memory = std::make_shared<std::unique_ptr<reservation_cache>>(
    std::make_unique<reservation_cache>(std::move(given.store), given.clock));
  if (auto wrong = (*memory)->sync(*made->numbers_))
    return fail(std::move(wrong));
  made->explorer_ = std::make_shared<explorer_link>(given.explorer);
  made->host_ = std::make_shared<host_link>(host_link{&given.host});
  auto own = [actors = made->actors_](auto handle) {
    actors->push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  };
  auto keeper = own(system.spawn(cache_behavior, memory));
  auto cache = plant.on_cache(system, keeper, own);
  auto statser
    = own(system.spawn(statser_behavior, plant.on_statser(made->numbers_)));
  auto expiry = own(system.spawn(guarded_expiry_source, cache, given.clock,
                                 expiry_trust{given.guard, keeper}));
  auto poll = own(system.spawn(poll_source, plant.on_poll(made->explorer_),
                               poll_source_options{.node_id = given.node_id,
                                                   .from = *cursor,
                                                   .settings = given.polling,
                                                   .random = given.random}));
  made->source_ = own(
    system.spawn(combined_source, std::vector<source_actor>{expiry, poll}));
  auto feedback = own(system.spawn(
    feedback_behavior, cache,
    plant.looks_once ? source_actor{own(system.spawn(operator_source))}
                     : made->source_,
    plant.on_feedback(made->explorer_),
    // Few at once, and room for few, so that work has to wait for reports, too.
    feedback_options{.node_id = given.node_id,
                     .in_flight_max = 4,
                     .room = 2,
                     .random = given.random}));
  intake_peers upstream{
    made->source_,
    cache,
    {own(system.spawn(decoder_behavior)), own(system.spawn(decoder_behavior))},
    made->explorer_};
  auto intake = own(system.spawn(intake_behavior, upstream, given.node_id));
  engine_peers peers{.intake = plant.on_intake(system, intake, own),
                     .cache = cache,
                     .keeper = keeper,
                     .guard = given.guard,
                     .statser = statser,
                     .feedback = feedback,
                     .signer = own(system.spawn(signing_behavior, given.key)),
                     .mark = given.mark,
                     .clock = given.clock,
                     .random = given.random,
                     .on_ready = [ready = made->ready_] { *ready = true; }};
  peers.provisioners[reservation_types::volume]
    = [&system, own, link = made->host_] {
        return provisioner_actor{own(system.spawn(sim_provisioner, link))};
      };
  peers.provisioners[reservation_types::zdb]
    = [&system, own, functions = sim_functions(made->host_)] {
        return own(system.spawn(function_provisioner, functions));
      };
  plant.on_provisioners(peers.provisioners);
  auto loop = own(system.spawn(engine_loop, std::move(peers), given.settings));
  own(system.spawn(sim_operator, loop, given.by_operator));
  return made;
}

void life::cut() {
  explorer_->cut();
  host_->host = nullptr;
}

void life::kill() {
  cut();
  for (auto& one : *actors_)
    caf::anon_send_exit(one, caf::exit_reason::kill);
  actors_->clear();
  source_ = source_actor{};
}

void life::reconcile() {
  caf::anon_send(source_, reconcile_source{});
}

} // namespace provision::simulation
