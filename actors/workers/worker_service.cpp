#include "actors/workers/worker_service.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/typed_broker.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "actors/caf_error.hpp"
#include "actors/workers/frames.hpp"
#include "actors/workers/worker_messages.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

struct worker_system_config : caf::actor_system_config {
  worker_system_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
    load<caf::io::middleman>();
  }
};

struct worker_service_state {
  static inline const char* name = "worker service";

  explicit worker_service_state(
    caf::io::connection_handler::broker_pointer self)
    : self{self} {}

  template <class Message>
  error say(Message message) {
    auto failure = frames::append(self->system(), self->wr_buf(daemon),
                                  std::move(message));
    self->flush(daemon);
    return failure;
  }

  void hear(caf::io::new_data_msg& arrived);
  void obey(worker_order order);
  template <class Reply, class Request>
  void ask(std::uint64_t number, Request request);
  void answer(worker_answer what);
  void answer(std::uint64_t number, const error& why);

  caf::io::connection_handler::broker_pointer self;
  caf::io::connection_handle daemon = {};
  provisioner_actor provisioner = {};
  bool expects_body = false;
};

using service_pointer
  = caf::io::connection_handler::stateful_broker_pointer<worker_service_state>;

caf::io::connection_handler::behavior_type
worker_service(service_pointer self, int socket, reservation_type type,
               provisioner_actor provisioner) {
  auto& state = self->state;
  state.provisioner = std::move(provisioner);
  state.daemon = self->add_scribe(socket);
  self->configure_read(state.daemon,
                       caf::io::receive_policy::exactly(frames::head_size));
  state.say(worker_hello{.type = std::move(type.name)});
  return {[=](caf::io::new_data_msg& arrived) { self->state.hear(arrived); },
          [=](const caf::io::connection_closed_msg&) { self->quit(); }};
}

void worker_service_state::hear(caf::io::new_data_msg& arrived) {
  auto next = frames::head_size;
  if (expects_body) {
    auto order = frames::read<worker_order>(self->system(), arrived.buf);
    if (!order)
      return self->quit();
    obey(std::move(*order));
  } else {
    auto size = frames::body_size(arrived.buf);
    if (!size)
      return self->quit();
    next = *size;
  }
  expects_body = !expects_body;
  self->configure_read(daemon, caf::io::receive_policy::exactly(next));
}

void worker_service_state::obey(worker_order order) {
  if (order.call == worker_call::probe)
    return ask<done>(order.number, probe_provisioner{});
  auto what = json::read_reservation(order.reservation);
  if (!what)
    return answer(order.number, what.error());
  auto shared = std::make_shared<const reservation>(std::move(*what));
  if (order.call == worker_call::provision)
    return ask<provisioned_workload>(order.number, provision_workload{shared});
  ask<done>(order.number, decommission_workload{shared});
}

template <class Reply, class Request>
void worker_service_state::ask(std::uint64_t number, Request request) {
  self->request(provisioner, caf::infinite, std::move(request))
    .then(
      [this, number](Reply& reply) {
        worker_answer made{.number = number};
        if constexpr (std::is_same_v<Reply, provisioned_workload>)
          made.data = std::move(reply.data);
        answer(std::move(made));
      },
      [this, number](caf::error& err) { answer(number, from_caf(err)); });
}

void worker_service_state::answer(worker_answer what) {
  auto number = what.number;
  if (auto failure = say(std::move(what)))
    answer(number,
           {errc::provision_failed, "result is too large: " + failure.message});
}

void worker_service_state::answer(std::uint64_t number, const error& why) {
  // An error's text is a line for people, never a document.
  constexpr std::size_t text_max = 64U << 10U;
  say(worker_answer{.number = number,
                    .code = static_cast<std::uint8_t>(why.code),
                    .detail = why.detail,
                    .message = why.message.substr(0, text_max)});
}

} // namespace

void serve_as_worker(int socket, const reservation_type& type,
                     workload_functions functions) {
  worker_system_config config;
  caf::actor_system system{config};
  auto provisioner
    = system.spawn<caf::detached>(function_provisioner, std::move(functions));
  auto service = system.middleman().spawn_broker(worker_service, socket, type,
                                                 provisioner);
  caf::scoped_actor self{system};
  self->wait_for(service);
  // A function may hang; nobody waits for its answer any more.
  std::_Exit(0);
}

} // namespace provision
