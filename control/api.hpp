#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/atoms.hpp"
#include "actors/engine.hpp"
#include "actors/poll_numbers.hpp"
#include "backends/workload_output.hpp"
#include "control/access.hpp"
#include "control/explain.hpp"
#include "control/request_target.hpp"
#include "control/usage_meter.hpp"
#include "control/usage_totals.hpp"
#include "http/http_server.hpp"

namespace provision {

/// A request of somebody who may make it; answered through its reply.
struct api_call {
  http_server_request request = {};
  api_role role = api_role::reader;
  http_reply reply = {};
  request_target target = {};
};
using api_call_ptr = std::shared_ptr<api_call>;

/// One who follows the events and has taken all up to `after`.
struct event_follower {
  std::shared_ptr<std::uint64_t> after = {};
  http_reply reply = {};
  /// Looks in a row that brought nothing.
  std::uint32_t idle = 0;
};

} // namespace provision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::api_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::event_follower)

namespace provision {

/// API: answers an operator's questions about the node, and passes orders on.
using api_actor = caf::typed_actor<caf::reacts_to<api_call>,
                                   // Wants the events behind its place.
                                   caf::reacts_to<event_follower>>;

using api_impl = api_actor::extend<caf::reacts_to<atom::tick>>;

struct api_options {
  std::string node_id = {};
  /// Base URL; empty: none.
  std::string explorer = {};
  /// Types that the node offers.
  std::vector<std::string> types = {};
  std::shared_ptr<const wall_clock> clock = {};
  /// Who follows the events at once, at most.
  std::size_t followers_max = 16;
  /// Reads what workloads write; no function if nothing is kept.
  output_reader output = {};
  /// How the explorer's polls go; null: nothing is polled.
  std::shared_ptr<const poll_numbers> polls = {};
  /// Who measures the workloads of which type.
  usage_readers usage = {};
  /// Only tests without threads want none.
  bool meter_has_thread = true;
  /// What the janitor found; null: there is none.
  std::shared_ptr<const orphan_board> orphans = {};
};

/// The node as a whole, as its actors say.
struct node_picture {
  engine_status engine = {};
  feedback_status reports = {};
  store_status store = {};
  capacity_status capacity = {};
  /// The last poll failed; never if nothing is polled.
  bool polls_fail = false;
};

struct api_state {
  static inline const char* name = "api";

  explicit api_state(api_impl::pointer self) : self{self} {}

  void take(api_call call);

  // -- health (api_health.cpp)
  void ready(const api_call_ptr& call);
  void live(const api_call_ptr& call);
  void metrics(const api_call_ptr& call);

  // -- questions (api_questions.cpp)
  void status(const api_call_ptr& call);
  void list(const api_call_ptr& call);
  void show(const api_call_ptr& call);
  void explanation(const api_call_ptr& call);
  void types(const api_call_ptr& call);
  void capacity(const api_call_ptr& call);
  void outbox(const api_call_ptr& call);
  void quarantine(const api_call_ptr& call);
  void quarantined_one(const api_call_ptr& call);
  void waiting(const api_call_ptr& call);

  // -- what the host holds and nobody wants (api_orphans.cpp)
  void orphans(const api_call_ptr& call);
  void remove_one_orphan(const api_call_ptr& call);

  // -- an audit reads all records, page by page (api_audit.cpp)
  struct audit_sum;
  void audit(const api_call_ptr& call);
  void audit_from(const api_call_ptr& call, std::shared_ptr<audit_sum> sum);
  void audit_page(const api_call_ptr& call, std::shared_ptr<audit_sum> sum);
  void audit_host(const api_call_ptr& call, std::shared_ptr<audit_sum> sum);

  // -- what workloads use (api_usage.cpp)
  void usage(const api_call_ptr& call);
  bool is_measured(const struct record& row) const;
  /// `then` is called by the meter, on its own thread.
  void measure(std::vector<measured_workload> of,
               std::function<void(std::vector<measured_workload>&)> then);

  // -- what all use together (usage_totals.cpp)
  struct usage_round;
  usage_totals nothing_measured() const;
  /// Begins to measure all workloads, unless that was done a moment ago.
  void measure_all();
  void measure_page(const std::shared_ptr<usage_round>& round);

  // -- events (api_events.cpp)
  void events(const api_call_ptr& call);
  void follow(const api_call_ptr& call, std::uint64_t after);
  void serve(event_follower follower);
  void look();

  // -- the journal as a chain (api_journal.cpp)
  void journal(const api_call_ptr& call);

  // -- reservations that an operator brings (api_submission.cpp)
  struct planning;
  void plan(const api_call_ptr& call);
  void plan_known(const api_call_ptr& call, std::shared_ptr<planning> work);
  void plan_around(const api_call_ptr& call, std::shared_ptr<planning> work);
  void submit(const api_call_ptr& call);

  // -- what workloads write (api_output.cpp)
  void output(const api_call_ptr& call);

  // -- the log (api_log.cpp)
  void log_level(const api_call_ptr& call);
  void set_log_level(const api_call_ptr& call);

  // -- orders (api_orders.cpp)
  void cancel(const api_call_ptr& call);
  void pause(const api_call_ptr& call);
  void resume(const api_call_ptr& call);
  void cordon(const api_call_ptr& call);
  void uncordon(const api_call_ptr& call);
  void cordon_node(const api_call_ptr& call);
  void uncordon_node(const api_call_ptr& call);
  void retry(const api_call_ptr& call);
  void retry_set_aside(const api_call_ptr& call);
  void drop_set_aside(const api_call_ptr& call);
  void confirm_held_deletions(const api_call_ptr& call);
  void believe_clock(const api_call_ptr& call);
  /// Passes an order to the engine, and answers when it has done it.
  template <class Request>
  void order(const api_call_ptr& call, std::string_view name,
             std::string subject, Request request);

  // -- asking others (api_asking.hpp)
  template <class Reply, class Handle, class Request, class Then>
  void ask(const api_call_ptr& call, const Handle& whom, Request request,
           Then then);
  /// One question to the cache at a time: the engine waits for one at most.
  template <class Reply, class Request, class Then>
  void ask_store(const api_call_ptr& call, Request request, Then then);
  void store_free();
  /// All of a node's actors, one after the other.
  void picture(const api_call_ptr& call,
               std::function<void(const node_picture&)> then);
  /// A history of a whole id; tells the caller if there is none.
  void history(const api_call_ptr& call,
               std::function<void(reservation_history&)> then);

  api_impl::pointer self;
  node_actors peers = {};
  api_options options = {};
  usage_meter_actor meter = {};
  std::shared_ptr<usage_board> totals = {};
  std::weak_ptr<usage_round> usage_rounds = {};
  std::optional<std::chrono::steady_clock::time_point> usage_begun_at = {};
  timestamp started_at = {};
  /// Requests by the path of their route, and those that were none.
  std::map<std::string_view, std::uint64_t> requests = {};
  std::uint64_t requests_refused = 0;
  bool store_busy = false;
  std::deque<std::function<void()>> store_questions = {};
  std::vector<event_follower> followers = {};
  bool looking = false;
  /// Streams that are open, counted by the streams themselves.
  std::shared_ptr<std::atomic<std::size_t>> streams
    = std::make_shared<std::atomic<std::size_t>>(0);
};

/// Answers with JSON, see docs/openapi.json. Not for the engine's threads to
/// wait for: it asks them, they never ask it.
api_impl::behavior_type api(api_impl::stateful_pointer<api_state> self,
                            node_actors peers, api_options options);

/// The parameters of a list of records; errc::malformed_input.
expected<list_records> list_request(const request_target& target);

/// One entry of the table of what can be asked.
struct api_route {
  std::string_view method = {};
  /// "{id}" stands for any one part.
  std::string_view path = {};
  api_role role = api_role::reader;
  void (api_state::*handle)(const api_call_ptr&) = nullptr;
};

/// Everything that can be asked; docs/openapi.json describes the same.
const std::vector<api_route>& api_routes();

} // namespace provision
