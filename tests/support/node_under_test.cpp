#include "tests/support/node_under_test.hpp"

#include <utility>

#include "actors/cache.hpp"
#include "actors/decoder.hpp"
#include "actors/feedback.hpp"
#include "actors/intake.hpp"
#include "actors/signing.hpp"
#include "actors/sources/combined_source.hpp"
#include "actors/sources/expiry_source.hpp"
#include "actors/sources/operator_source.hpp"
#include "logging/log.hpp"
#include "messages/json/json.hpp"

namespace provision::testing {

scripted_source_actor::behavior_type scripted_source(
  scripted_source_actor::stateful_pointer<scripted_source_state> self) {
  auto serve = [self] {
    auto& state = self->state;
    if (!state.asked || state.pages.empty())
      return;
    state.asked->deliver(std::move(state.pages.front()));
    state.asked.reset();
    state.pages.pop_front();
  };
  return {[=](next_page) -> caf::result<source_page> {
            auto reply = self->make_response_promise<source_page>();
            self->state.asked = reply;
            serve();
            return reply;
          },
          [](reconcile_source) {},
          [=](give_page& more) {
            self->state.pages.push_back(std::move(more.page));
            serve();
          }};
}

void scripted_explorer::feedback(const std::string&, const std::string& id,
                                 const std::string& body, callback done) {
  take({"result", id, body}, done);
}

void scripted_explorer::deleted(const std::string&, const std::string& id,
                                callback done) {
  take({"deleted", id, {}}, done);
}

void scripted_explorer::take(report what, const callback& done) {
  reports.push_back(std::move(what));
  if (!is_silent)
    done(answer(reports.back()));
}

void scripted_explorer::update_stats(const std::string&,
                                     const workload_amount& counts,
                                     const resource_amount& units,
                                     callback done) {
  numbers.push_back({units, counts});
  done({});
}

std::vector<std::string> scripted_explorer::heard() const {
  std::vector<std::string> result;
  for (auto& one : reports)
    result.push_back(one.kind + " " + one.id);
  return result;
}

node_key a_node_key() {
  return *node_key::from_seed(secret{"helloworldhelloworldhelloworld12"});
}

node_under_test::node_under_test() {
  // What the node does is asserted, not read.
  log::configure(log::level::off, log::format::text);
  on_provision = [](const reservation& r) -> expected<std::string> {
    return "{\"id\":\"" + filesystem_name(r) + "\"}";
  };
  on_decommission = [](const reservation&) { return error{}; };
}

void node_under_test::start() {
  numbers = std::make_shared<ledger>(limits);
  auto disk = std::make_unique<memory_reservation_store>(
    [this] { return before_apply ? before_apply() : error{}; }, disk_);
  auto memory = std::make_shared<std::unique_ptr<reservation_cache>>(
    std::make_unique<reservation_cache>(std::move(disk), clock));
  (*memory)->sync(*numbers);
  auto own = [this](auto handle) {
    running_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return keep(handle);
  };
  auto keeper = own(system.spawn(cache_behavior, memory));
  cache = keeper;
  statser = own(system.spawn(statser_behavior, numbers));
  script_ = own(system.spawn(scripted_source));
  auto expiry = own(system.spawn(guarded_expiry_source, cache, clock,
                                 expiry_trust{guard, keeper}));
  auto orders = own(system.spawn(operator_source));
  source = own(system.spawn(
    combined_source, std::vector<source_actor>{expiry, orders, script_}));
  feedback_settings.node_id = key.node_id();
  feedback_settings.clock = clock;
  feedback = own(system.spawn(feedback_behavior, cache, source, explorer,
                              feedback_settings));
  auto decoder = own(system.spawn(decoder_behavior));
  intake_peers upstream{source, cache, {decoder}, keys};
  upstream.decoder_at_hand = own(system.spawn(decoder_behavior));
  engine_peers peers{
    .intake = own(system.spawn(intake_behavior, upstream, key.node_id())),
    .cache = cache,
    .keeper = keeper,
    .orders = orders,
    .signatures = {{"test", signatures}},
    .guard = guard,
    .statser = statser,
    .feedback = feedback,
    .signer = own(
      system.spawn(signing_behavior, std::make_shared<ed25519_signer>(key))),
    .signer_at_hand = own(
      system.spawn(signing_behavior, std::make_shared<ed25519_signer>(key))),
    .refusals = refusals,
    .mark = mark,
    .clock = clock};
  workload_functions functions{[this](const reservation& r) {
                                 calls.push_back("provision " + r.id);
                                 return on_provision(r);
                               },
                               [this](const reservation& r) {
                                 calls.push_back("decommission " + r.id);
                                 return on_decommission(r);
                               }};
  for (const auto& type : offered)
    peers.provisioners[reservation_type{type}] = [this, functions] {
      return keep(system.spawn(function_provisioner, functions));
    };
  for (auto& [type, factory] : special)
    peers.provisioners[type] = factory;
  engine = own(system.spawn(engine_loop, std::move(peers), settings));
  run();
}

void node_under_test::die() {
  for (auto& one : running_)
    caf::anon_send_exit(one, caf::exit_reason::kill);
  run();
  running_.clear();
}

void node_under_test::restart() {
  die();
  start();
}

void node_under_test::give(std::vector<reservation> page) {
  source_page given;
  given.source = "test";
  given.signatures = signatures;
  for (auto& r : page)
    given.documents.push_back(
      own_text(*json::write(r), text_form::reservation));
  give(std::move(given));
}

void node_under_test::give(source_page page) {
  caf::anon_send(script_, give_page{std::move(page)});
  run();
}

std::optional<record> node_under_test::find(const std::string& id) {
  return *view_.find(id);
}

engine_status node_under_test::status() {
  return *ask<engine_status>(engine, read_engine_status{});
}

reservation a_volume(std::string id) {
  reservation r;
  r.id = std::move(id);
  r.node_id = a_node_key().node_id();
  r.user_id = "7";
  r.type = reservation_types::volume;
  r.data = R"({"size":10,"type":"ssd"})";
  r.created = from_unix(1'614'250'050);
  r.duration = std::chrono::nanoseconds::max();
  r.version = 2;
  return r;
}

} // namespace provision::testing
