#include "actors/workers/worker_service.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/typed_broker.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include <sys/socket.h>

#include "actors/caf_error.hpp"
#include "actors/workers/frames.hpp"
#include "actors/workers/worker_messages.hpp"
#include "logging/log.hpp"
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

/// A question on its way to the socket.
struct put_question {
  worker_question what = {};
};

/// An order for what the worker holds, and what there is to answer.
struct look_through {
  worker_order what = {};
};
struct looked_through {
  worker_answer what = {};
};

} // namespace

} // namespace provision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::put_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::look_through)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::looked_through)

namespace provision {

namespace {

/// Looks on a thread of its own: what hangs there keeps no workload waiting.
caf::behavior storekeeper(caf::event_based_actor*, const inventory& holdings) {
  return {[=](look_through& order) {
    worker_answer answer{.number = order.what.number};
    if (!holdings.list) {
      answer.failed = error{errc::type_not_offered, "keeps no list"};
    } else if (order.what.call == worker_call::remove) {
      answer.failed = holdings.remove({.id = order.what.what});
    } else if (auto held = holdings.list(); !held) {
      answer.failed = held.error();
    } else {
      for (auto& [id, what, volumes] : *held)
        answer.objects.push_back(
          {std::move(id), std::move(what), std::move(volumes)});
    }
    return looked_through{std::move(answer)};
  }};
}

using service_actor
  = caf::io::connection_handler::extend<caf::reacts_to<put_question>>;

struct worker_service_state {
  static inline const char* name = "worker service";

  explicit worker_service_state(service_actor::broker_pointer self)
    : self{self} {}

  template <class Message>
  error say(Message message) {
    auto failure = frames::append(self->system(), self->wr_buf(socket),
                                  std::move(message));
    self->flush(socket);
    return failure;
  }

  void hear(caf::io::new_data_msg& arrived);
  bool take(const std::vector<char>& body);
  void obey(worker_order order);
  template <class Reply, class Request>
  void ask(std::uint64_t number, Request request);
  void answer(worker_answer what);
  void answer(std::uint64_t number, const error& why);

  service_actor::broker_pointer self;
  caf::io::connection_handle socket = {};
  provisioner_actor provisioner = {};
  caf::actor keeper = {};
  std::shared_ptr<daemon_line> daemon = {};
  bool expects_body = false;
};

using service_pointer
  = service_actor::stateful_broker_pointer<worker_service_state>;

service_actor::behavior_type
worker_service(service_pointer self, int socket, reservation_type type,
               provisioner_actor provisioner, caf::actor keeper,
               std::shared_ptr<daemon_line> daemon) {
  auto& state = self->state;
  state.provisioner = std::move(provisioner);
  state.keeper = std::move(keeper);
  state.daemon = std::move(daemon);
  state.socket = self->add_scribe(socket);
  self->configure_read(state.socket,
                       caf::io::receive_policy::exactly(frames::head_size));
  state.daemon->connect(
    [whom = caf::actor_cast<service_actor>(self)](worker_question what) {
      caf::anon_send(whom, put_question{std::move(what)});
    });
  state.say(worker_hello{.type = std::move(type.name)});
  return {
    [=](caf::io::new_data_msg& arrived) { self->state.hear(arrived); },
    [=](const caf::io::connection_closed_msg&) { self->quit(); },
    [=](put_question& question) { self->state.say(std::move(question.what)); }};
}

void worker_service_state::hear(caf::io::new_data_msg& arrived) {
  auto next = frames::head_size;
  if (expects_body) {
    if (!take(arrived.buf))
      return self->quit();
  } else {
    auto size = frames::body_size(arrived.buf);
    if (!size)
      return self->quit();
    next = *size;
  }
  expects_body = !expects_body;
  self->configure_read(socket, caf::io::receive_policy::exactly(next));
}

/// False for what no daemon says.
bool worker_service_state::take(const std::vector<char>& body) {
  if (frames::is<worker_reply>(body)) {
    auto reply = frames::read<worker_reply>(self->system(), body);
    return reply && daemon->deliver(*reply);
  }
  auto order = frames::read<worker_order>(self->system(), body);
  if (order)
    obey(std::move(*order));
  return order.has_value();
}

void worker_service_state::obey(worker_order order) {
  const auto number = order.number;
  if (order.call == worker_call::probe)
    return ask<done>(number, probe_provisioner{});
  if (order.call == worker_call::list || order.call == worker_call::remove) {
    self->request(keeper, caf::infinite, look_through{std::move(order)})
      .then([this](looked_through& found) { answer(std::move(found.what)); },
            [this, number](caf::error& err) { answer(number, from_caf(err)); });
    return;
  }
  auto what = json::read_reservation(order.what);
  if (!what)
    return answer(number, what.error());
  auto shared = std::make_shared<const reservation>(std::move(*what));
  if (order.call == worker_call::provision)
    return ask<provisioned_workload>(number, provision_workload{shared});
  ask<done>(number, decommission_workload{shared});
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
  say(worker_answer{.number = number, .failed = why});
}

// -- before the broker has the socket -----------------------------------------

/// Exactly that many bytes; nothing if the stream ends before.
std::vector<char> receive(int socket, std::size_t size) {
  std::vector<char> bytes(size);
  for (std::size_t done = 0; done < size;) {
    const auto count = ::recv(socket, bytes.data() + done, size - done, 0);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return {};
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

expected<worker_appointment> hear_appointment(caf::actor_system& system,
                                              int socket) {
  const auto size = frames::body_size(receive(socket, frames::head_size));
  if (!size)
    return fail(size.error());
  return frames::read<worker_appointment>(system, receive(socket, *size));
}

[[noreturn]] void refuse(caf::actor_system& system, int socket,
                         const reservation_type& type, const error& why) {
  log::error("worker cannot start: " + to_string(why), {},
             {{"type", type.name}});
  std::vector<char> stream;
  frames::append(system, stream,
                 worker_hello{.type = type.name, .why_not = why});
  // Small enough for the socket's buffer; the daemon may be gone.
  [[maybe_unused]] const auto sent
    = ::send(socket, stream.data(), stream.size(), MSG_NOSIGNAL);
  std::_Exit(1);
}

} // namespace

void serve_as_worker(int socket, const reservation_type& type,
                     const worker_maker& make) {
  worker_system_config config;
  caf::actor_system system{config};
  const auto appointment = hear_appointment(system, socket);
  if (!appointment)
    std::_Exit(1);
  if (appointment->version != worker_appointment::known
      || appointment->type != type.name)
    refuse(system, socket, type,
           {errc::invalid_configuration,
            "serves " + type.name + ", and was asked for " + appointment->type
              + " or by another version of provisiond"});
  auto daemon = std::make_shared<daemon_line>();
  auto duties = make(appointment->node_id, daemon);
  if (!duties)
    refuse(system, socket, type, duties.error());
  auto provisioner = system.spawn<caf::detached>(function_provisioner,
                                                 std::move(duties->functions));
  auto keeper = system.spawn<caf::detached>(storekeeper, duties->holdings);
  auto service = system.middleman().spawn_broker(worker_service, socket, type,
                                                 provisioner, keeper, daemon);
  caf::scoped_actor self{system};
  self->wait_for(service);
  // A function may hang; nobody waits for its answer any more.
  std::_Exit(0);
}

} // namespace provision
