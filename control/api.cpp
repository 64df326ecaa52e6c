#include "control/api.hpp"

#include "control/api_asking.hpp"

namespace provision {

namespace {

/// Whether `path` has the shape of a route's path.
bool fits(std::string_view shape, const std::vector<std::string>& path) {
  std::size_t parts = 0;
  while (!shape.empty()) {
    shape.remove_prefix(1);
    auto part = shape.substr(0, shape.find('/'));
    shape.remove_prefix(part.size());
    if (parts >= path.size() || (part != "{id}" && part != path[parts]))
      return false;
    ++parts;
  }
  return parts == path.size();
}

} // namespace

const std::vector<api_route>& api_routes() {
  using state = api_state;
  constexpr auto reader = api_role::reader;
  constexpr auto admin = api_role::admin;
  static const std::vector<api_route> routes{
    {"GET", "/livez", reader, &state::live},
    {"GET", "/readyz", reader, &state::ready},
    {"GET", "/metrics", reader, &state::metrics},
    {"GET", "/v1/status", reader, &state::status},
    {"GET", "/v1/reservations", reader, &state::list},
    {"POST", "/v1/reservations", admin, &state::submit},
    {"POST", "/v1/plan", admin, &state::plan},
    {"GET", "/v1/reservations/{id}", reader, &state::show},
    {"GET", "/v1/reservations/{id}/explanation", reader, &state::explanation},
    {"GET", "/v1/reservations/{id}/logs", admin, &state::output},
    {"POST", "/v1/reservations/{id}/cancel", admin, &state::cancel},
    {"POST", "/v1/reservations/{id}/retry", admin, &state::retry},
    {"GET", "/v1/waiting", reader, &state::waiting},
    {"GET", "/v1/orphans", reader, &state::orphans},
    {"POST", "/v1/orphans/{id}/remove", admin, &state::remove_one_orphan},
    {"GET", "/v1/events", reader, &state::events},
    {"GET", "/v1/journal", reader, &state::journal},
    {"GET", "/v1/log", reader, &state::log_level},
    {"POST", "/v1/log", admin, &state::set_log_level},
    {"GET", "/v1/types", reader, &state::types},
    {"POST", "/v1/types/{id}/cordon", admin, &state::cordon},
    {"POST", "/v1/types/{id}/uncordon", admin, &state::uncordon},
    {"POST", "/v1/cordon", admin, &state::cordon_node},
    {"POST", "/v1/uncordon", admin, &state::uncordon_node},
    {"POST", "/v1/intake/pause", admin, &state::pause},
    {"POST", "/v1/intake/resume", admin, &state::resume},
    {"POST", "/v1/confirm/deletions", admin, &state::confirm_held_deletions},
    {"POST", "/v1/confirm/clock", admin, &state::believe_clock},
    {"GET", "/v1/capacity", reader, &state::capacity},
    {"GET", "/v1/capacity/audit", reader, &state::audit},
    {"GET", "/v1/usage", reader, &state::usage},
    {"GET", "/v1/outbox", reader, &state::outbox},
    {"GET", "/v1/quarantine", reader, &state::quarantine},
    {"GET", "/v1/quarantine/{id}", reader, &state::quarantined_one},
    {"POST", "/v1/quarantine/{id}/retry", admin, &state::retry_set_aside},
    {"POST", "/v1/quarantine/{id}/drop", admin, &state::drop_set_aside},
  };
  return routes;
}

void api_state::take(api_call given) {
  auto call = std::make_shared<api_call>(std::move(given));
  // Taken back where it fits.
  ++requests_refused;
  auto target = parse_request_target(call->request.target);
  if (!target)
    return refuse(*call, target.error());
  call->target = std::move(*target);
  bool is_known = false;
  for (auto& route : api_routes()) {
    if (!fits(route.path, call->target.path))
      continue;
    is_known = true;
    if (route.method != call->request.method)
      continue;
    if (route.role > call->role)
      return refuse(*call, 403, "forbidden",
                    "orders are for root, the daemon's own user and the "
                    "members of api.admin_group");
    --requests_refused;
    ++requests[route.path];
    return (this->*route.handle)(call);
  }
  if (is_known)
    return refuse(*call, 405, "method_not_allowed",
                  call->request.method + " is not possible here");
  refuse(*call, 404, "not_found", "there is nothing at this path");
}

void api_state::store_free() {
  store_busy = false;
  if (store_questions.empty())
    return;
  store_busy = true;
  auto next = std::move(store_questions.front());
  store_questions.pop_front();
  next();
}

void api_state::picture(const api_call_ptr& call,
                        std::function<void(const node_picture&)> then) {
  auto all = std::make_shared<node_picture>();
  all->polls_fail
    = options.polls && options.polls->polls > 0 && !options.polls->is_answered;
  ask<engine_status>(
    call, peers.engine, read_engine_status{}, [=, this](engine_status& engine) {
      all->engine = engine;
      ask<feedback_status>(call, peers.feedback, read_feedback_status{},
                           [=, this](feedback_status& reports) {
                             all->reports = reports;
                             ask<capacity_status>(
                               call, peers.statser, read_capacity{},
                               [=, this](capacity_status& capacity) {
                                 all->capacity = capacity;
                                 ask_store<store_status>(
                                   call, read_store_status{},
                                   [=](store_status& store) {
                                     all->store = store;
                                     then(*all);
                                   });
                               });
                           });
    });
}

void api_state::history(const api_call_ptr& call,
                        std::function<void(reservation_history&)> then) {
  ask_store<reservation_history>(call, read_history{call->target.path.at(2)},
                                 [call, then](reservation_history& found) {
                                   if (found.candidates.empty())
                                     return then(found);
                                   std::string names;
                                   for (auto& id : found.candidates)
                                     names += (names.empty() ? "" : ", ") + id;
                                   refuse(*call, 409, "ambiguous",
                                          "several ids begin with " + found.id
                                            + ": " + names);
                                 });
}

api_impl::behavior_type api(api_impl::stateful_pointer<api_state> self,
                            node_actors peers, api_options options) {
  auto& state = self->state;
  state.peers = std::move(peers);
  state.options = std::move(options);
  state.started_at = state.options.clock->now();
  state.meter = state.options.meter_has_thread
                  ? self->spawn<caf::linked + caf::detached>(
                    usage_meter, state.options.usage)
                  : self->spawn<caf::linked>(usage_meter, state.options.usage);
  state.totals = std::make_shared<usage_board>(state.nothing_measured());
  return {
    [=](api_call& call) { self->state.take(std::move(call)); },
    [=](event_follower& follower) { self->state.serve(std::move(follower)); },
    [=](atom::tick) { self->state.look(); }};
}

} // namespace provision
