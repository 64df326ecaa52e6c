#include "daemon/heartbeat.hpp"

#include <caf/sec.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "logging/log.hpp"

namespace provision {

heartbeat_actor::behavior_type
heartbeat(heartbeat_actor::stateful_pointer<heartbeat_state> self,
          node_actors peers, heartbeat_options options) {
  auto& state = self->state;
  state.peers = std::move(peers);
  state.options = std::move(options);
  self->send(self, atom::tick::value);
  return {[=](atom::tick) { self->state.beat(); }};
}

void heartbeat_state::beat() {
  self->delayed_send(self, options.interval, atom::tick::value);
  if (!open)
    return ask_all();
  if (self->clock().now() - open->since < options.patience || is_late)
    return;
  is_late = true;
  log::error("no sign of life from " + missing());
}

void heartbeat_state::ask_all() {
  open.emplace();
  open->since = self->clock().now();
  // Without a timeout: one that does not answer now is not asked twice, and
  // one that has ended never counts.
  self->request(peers.engine, caf::infinite, read_engine_status{})
    .then(
      [this](engine_status& status) {
        open->engine = std::move(status);
        answered();
      },
      [](caf::error&) {});
  auto cache_lives = [this] {
    open->has_cache = true;
    answered();
  };
  self->request(peers.cache, caf::infinite, read_store_status{})
    .then([cache_lives](store_status&) { cache_lives(); },
          // That the disk refuses is no reason to end the daemon.
          [cache_lives](caf::error& err) {
            if (err != caf::sec::request_receiver_down)
              cache_lives();
          });
  self->request(peers.feedback, caf::infinite, read_feedback_status{})
    .then(
      [this](feedback_status& status) {
        open->feedback = std::move(status);
        answered();
      },
      [](caf::error&) {});
}

void heartbeat_state::answered() {
  if (!open->engine || !open->has_cache || !open->feedback)
    return;
  auto ended = *std::exchange(open, std::nullopt);
  if (std::exchange(is_late, false))
    log::info("all answer again");
  if (self->clock().now() - ended.since <= options.patience)
    options.on_alive(*ended.engine, *ended.feedback);
}

std::string heartbeat_state::missing() const {
  std::string names;
  auto add = [&names](bool is_missing, const char* name) {
    if (is_missing)
      names += (names.empty() ? "" : ", ") + std::string{name};
  };
  add(!open->engine, "engine");
  add(!open->has_cache, "cache");
  add(!open->feedback, "feedback");
  return names;
}

std::string status_line(const engine_status& engine,
                        const feedback_status& reports) {
  std::string text = engine.phase;
  if (engine.paused)
    text += ", intake paused: " + engine.paused.message;
  else if (engine.intake_held)
    text += ", intake paused by an operator";
  text += ", " + std::to_string(engine.queue) + " queued";
  if (engine.waiting > 0)
    text += ", " + std::to_string(engine.waiting) + " waiting";
  text += ", " + std::to_string(engine.provisioned) + " provisioned, "
          + std::to_string(engine.removed) + " removed since the start";
  if (!reports.away_since.is_zero())
    text += "; the explorer is away";
  // One line, whatever an error's message holds.
  for (auto& c : text)
    if (c == '\n')
      c = ' ';
  return text;
}

} // namespace provision
