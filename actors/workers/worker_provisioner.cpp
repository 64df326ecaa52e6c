#include "actors/workers/worker_provisioner.hpp"

#include <caf/io/receive_policy.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

#include "actors/caf_error.hpp"
#include "actors/workers/frames.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

/// A process closes its files a moment before its end can be read.
constexpr std::chrono::milliseconds look_pause{2};
constexpr int looks_max = 1000;

template <class Reply>
expected<Reply> answer_of(worker_answer& answer) {
  if (answer.code != 0)
    return fail(static_cast<errc>(answer.code), std::move(answer.message),
                answer.detail);
  if constexpr (std::is_same_v<Reply, provisioned_workload>)
    return provisioned_workload{std::move(answer.data)};
  else
    return Reply{};
}

} // namespace

worker_broker::behavior_type worker_provisioner(
  worker_broker::stateful_broker_pointer<worker_provisioner_state> self,
  reservation_type type, isolated_type settings) {
  self->state.type = std::move(type);
  self->state.settings = std::move(settings);
  self->state.open();
  return {
    [=](provision_workload& request) {
      return self->state.ask<provisioned_workload>(worker_call::provision,
                                                   request.what);
    },
    [=](decommission_workload& request) {
      return self->state.ask<done>(worker_call::decommission, request.what);
    },
    [=](probe_provisioner) {
      return self->state.ask<done>(worker_call::probe, nullptr);
    },
    [=](caf::io::new_data_msg& arrived) { self->state.hear(arrived); },
    [=](const caf::io::connection_closed_msg&) { self->state.give_up({}); },
    [=](atom::tick) { self->state.await_end(); }};
}

void worker_provisioner_state::open() {
  auto started = settings.launch();
  if (!started)
    return self->quit(to_caf({errc::host_unavailable,
                              "worker for " + type.name + " cannot be started: "
                                + started.error().message}));
  worker = std::move(*started);
  socket = self->add_scribe(worker->take_socket());
  self->configure_read(socket,
                       caf::io::receive_policy::exactly(frames::head_size));
}

/// What is asked before the worker is ready waits in the socket.
template <class Reply>
caf::result<Reply> worker_provisioner_state::ask(worker_call call,
                                                 reservation_ptr what) {
  auto number = ++orders;
  worker_order order{.number = number, .call = call};
  if (what) {
    auto text = json::write(*what);
    if (!text)
      return to_caf(text.error());
    order.reservation = std::move(*text);
  }
  if (auto failure
      = frames::append(self->system(), self->wr_buf(socket), std::move(order)))
    return to_caf(failure);
  self->flush(socket);
  auto reply = self->make_response_promise<Reply>();
  asked[number] = [this, reply, what](worker_answer& answer) mutable {
    auto heard = answer_of<Reply>(answer);
    tell(what, heard);
    if (heard)
      reply.deliver(std::move(*heard));
    else
      reply.deliver(to_caf(heard.error()));
  };
  return reply;
}

/// For those who listen.
void worker_provisioner_state::tell(
  const reservation_ptr& what,
  const expected<provisioned_workload>& heard) const {
  if (settings.on_provisioned)
    settings.on_provisioned(what->id,
                            heard.map([](auto& made) { return made.data; }));
}

void worker_provisioner_state::tell(const reservation_ptr& what,
                                    const expected<done>& heard) const {
  if (what && settings.on_decommissioned)
    settings.on_decommissioned(what->id, heard ? error{} : heard.error());
}

void worker_provisioner_state::hear(caf::io::new_data_msg& arrived) {
  auto next = frames::head_size;
  if (expects_body) {
    take(arrived.buf);
  } else {
    auto size = frames::body_size(arrived.buf);
    if (!size)
      return give_up("sent something else than an answer");
    next = *size;
  }
  expects_body = !expects_body;
  self->configure_read(socket, caf::io::receive_policy::exactly(next));
}

void worker_provisioner_state::take(std::vector<char>& body) {
  if (!ready) {
    auto hello = frames::read<worker_hello>(self->system(), body);
    ready = hello && hello->version == worker_hello::known
            && hello->type == type.name;
    if (!ready)
      give_up("did not introduce itself");
    return;
  }
  auto answer = frames::read<worker_answer>(self->system(), body);
  auto call = answer ? asked.find(answer->number) : asked.end();
  if (call == asked.end())
    return give_up("answered what it was not asked");
  auto deliver = std::move(call->second);
  asked.erase(call);
  deliver(*answer);
}

void worker_provisioner_state::give_up(std::string why) {
  if (looks > 0)
    return;
  fault = std::move(why);
  // Without its socket it is of no use; usually it has ended already.
  worker->kill();
  await_end();
}

void worker_provisioner_state::await_end() {
  auto how = worker->ending();
  if (!how && ++looks < looks_max)
    return self->delayed_send(self, look_pause, atom::tick::value);
  if (fault.empty())
    fault = how.value_or("does not end even when killed");
  // What is still asked is answered by whoever hears of this end.
  self->quit(to_caf({ready ? errc::provisioner_crashed : errc::host_unavailable,
                     "worker for " + type.name + " " + fault
                       + (ready ? "" : " before it was ready")}));
}

} // namespace provision
