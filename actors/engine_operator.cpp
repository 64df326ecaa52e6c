// What an operator asks of the engine: quarantine, intake, cordons, brakes.
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "actors/caf_error.hpp"
#include "actors/engine_loop.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

std::string cordon_name(const reservation_type& type) {
  return "@cordon/" + type.name;
}

caf::error not_kept() {
  return to_caf({errc::storage_failure, "this engine keeps no such thing"});
}

} // namespace

// -- orders that survive a restart --------------------------------------------

/// Before the first intent: the store answers in the order of the questions.
void engine_loop_state::recall_orders() {
  for (auto& [type, factory] : peers.provisioners)
    recall_order(cordon_name(type),
                 [this, type = type] { desk.cordon(type, true); });
  recall_order(cordon_name({}), [this] { desk.cordon({}, true); });
  recall_order("@deletions_held", [this] { braking = true; });
}

void engine_loop_state::recall_order(std::string name,
                                     std::function<void()> then) {
  if (!peers.keeper)
    return;
  self->request(peers.keeper, caf::infinite, recall_number{name})
    .then(
      [then](recalled_number& kept) {
        if (kept.value > 0)
          then();
      },
      [name](caf::error& err) {
        log::warn("an order cannot be read: " + from_caf(err).message, {},
                  {{"name", name}});
      });
}

/// `then` once it is on disk.
caf::result<done> engine_loop_state::keep_order(std::string name, bool on,
                                                std::function<void()> then) {
  auto reply = self->make_response_promise<done>();
  if (!peers.keeper) {
    then();
    reply.deliver(done{});
    return reply;
  }
  self
    ->request(peers.keeper, caf::infinite,
              keep_number{std::move(name), on ? 1U : 0U})
    .then(
      [then, reply](done) mutable {
        then();
        reply.deliver(done{});
      },
      [reply](caf::error& err) mutable { reply.deliver(std::move(err)); });
  return reply;
}

// -- quarantine ---------------------------------------------------------------

caf::result<quarantine_list>
engine_loop_state::list_quarantined(list_quarantine request) {
  if (!peers.keeper)
    return not_kept();
  return self->delegate(peers.keeper, std::move(request));
}

caf::result<done> engine_loop_state::drop_row(drop_quarantined request) {
  if (!peers.keeper)
    return not_kept();
  return self->delegate(peers.keeper, std::move(request));
}

config::signature_policy
engine_loop_state::policy_for(const std::string& source) const {
  auto found = peers.signatures.find(source);
  return found == peers.signatures.end() ? config::signature_policy::enforce
                                         : found->second;
}

caf::result<done> engine_loop_state::retry_row(retry_quarantined request) {
  if (!peers.keeper || !peers.orders)
    return not_kept();
  auto reply = self->make_response_promise<done>();
  self->request(peers.keeper, caf::infinite, find_quarantined{request.key})
    .then(
      [this, reply](quarantined& row) mutable {
        if (row.received.text.empty()) {
          reply.deliver(to_caf(
            {errc::malformed_input, row.key + ": nothing of it was received"}));
          return;
        }
        source_page page;
        page.source = row.source;
        // An operator's wish does not replace a customer's signature.
        page.signatures = policy_for(row.source);
        page.documents.push_back(row.received);
        page.released.push_back(row.key);
        self->send(peers.orders, std::move(page));
        reply.deliver(done{});
      },
      [reply](caf::error& err) mutable { reply.deliver(std::move(err)); });
  return reply;
}

// -- local submission
// ----------------------------------------------------------

caf::result<done> engine_loop_state::submit(submit_documents request) {
  if (!peers.orders)
    return not_kept();
  // They would wait in memory only, and be lost at the next start.
  if (counters.intake_held)
    return to_caf({errc::host_busy, "intake is paused; 'provisionctl resume' "
                                    "before something is submitted"});
  source_page page;
  page.source = operator_source_name;
  page.signatures = policy_for(page.source);
  page.documents = std::move(request.documents);
  self->send(peers.orders, std::move(page));
  return done{};
}

// -- intake, cordons, brakes --------------------------------------------------

caf::result<done> engine_loop_state::hold_intake(bool on) {
  log::info(on ? "intake is held by the operator" : "intake is let go");
  counters.intake_held = on;
  want_page();
  return done{};
}

caf::result<done> engine_loop_state::cordon(const reservation_type& type,
                                            bool on) {
  if (!type.name.empty() && !desk.offers(type))
    return to_caf(
      {errc::no_such_reservation, "this node does not offer " + type.name
                                    + "; 'provisionctl types' shows what it "
                                      "offers"});
  return keep_order(cordon_name(type), on,
                    [this, type, on] { desk.cordon(type, on); });
}

caf::result<done> engine_loop_state::retry_now(const std::string& id) {
  // What waits for its type or for a confirmation finds the same again.
  if (!queue.waits(id))
    return to_caf(
      {errc::no_such_reservation, "reservation " + id + " does not wait"});
  queue.wake(id);
  pump();
  return done{};
}

caf::result<done> engine_loop_state::confirm_held_deletions() {
  return keep_order("@deletions_held", false, [this] {
    log::info("held deletions were confirmed");
    braking = false;
    deletions.clear();
    for (auto& id : queue.ids(wait_cause::confirmation))
      deletions_passed.insert(id);
    queue.wake_all(wait_cause::confirmation);
    pump();
  });
}

caf::result<done> engine_loop_state::believe_clock() {
  if (peers.guard)
    peers.guard->confirm();
  return done{};
}

} // namespace provision
