#include "actors/workers/worker_provisioner.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/receive_policy.hpp>
#include <caf/send.hpp>
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
  if (answer.failed)
    return fail(answer.failed.read());
  if constexpr (std::is_same_v<Reply, provisioned_workload>)
    return provisioned_workload{std::move(answer.data)};
  else if constexpr (std::is_same_v<Reply, worker_finding>) {
    worker_finding found;
    for (auto& [id, what, volumes] : answer.objects)
      found.objects.push_back(
        {std::move(id), std::move(what), std::move(volumes)});
    return found;
  } else
    return Reply{};
}

/// Answers on a thread of its own: who opens a secret may have to ask for the
/// user's key first.
caf::behavior counsellor_of(caf::event_based_actor*, worker_counsel counsel) {
  return {[counsel = std::move(counsel)](counsel_wanted& question) {
    worker_reply reply{.number = question.what.number};
    if (auto answer = counsel(question.what, question.about.get()))
      reply.text = std::move(*answer);
    else
      reply.failed = answer.error();
    return counsel_given{std::move(reply)};
  }};
}

} // namespace

worker_broker::behavior_type worker_provisioner(
  worker_broker::stateful_broker_pointer<worker_provisioner_state> self,
  reservation_type type, std::string node_id, isolated_type settings) {
  self->state.type = std::move(type);
  self->state.settings = std::move(settings);
  self->state.open(node_id);
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
    [=](worker_inquiry& question) {
      return self->state.inquire(std::move(question));
    },
    [=](caf::io::new_data_msg& arrived) { self->state.hear(arrived); },
    [=](const caf::io::connection_closed_msg&) { self->state.give_up({}); },
    [=](atom::tick) { self->state.await_end(); }};
}

worker_provisioner_state::~worker_provisioner_state() {
  if (settings.contact)
    settings.contact->close(self->address());
  if (counsellor)
    caf::anon_send_exit(counsellor, caf::exit_reason::user_shutdown);
}

void worker_provisioner_state::open(const std::string& node_id) {
  auto started = settings.launch();
  if (!started)
    return self->quit(to_caf({errc::host_unavailable,
                              "worker for " + type.name + " cannot be started: "
                                + started.error().message}));
  worker = std::move(*started);
  socket = self->add_scribe(worker->take_socket());
  self->configure_read(socket,
                       caf::io::receive_policy::exactly(frames::head_size));
  frames::append(self->system(), self->wr_buf(socket),
                 worker_appointment{.type = type.name, .node_id = node_id});
  self->flush(socket);
}

/// What is asked before the worker is ready waits in the socket.
expected<std::uint64_t> worker_provisioner_state::order(worker_call call,
                                                        std::string what) {
  const auto number = ++orders;
  if (auto failure
      = frames::append(self->system(), self->wr_buf(socket),
                       worker_order{number, call, std::move(what)}))
    return fail(std::move(failure));
  self->flush(socket);
  return number;
}

template <class Reply>
caf::result<Reply> worker_provisioner_state::ask(worker_call call,
                                                 reservation_ptr what) {
  std::string text;
  if (what) {
    auto written = json::write(*what);
    if (!written)
      return to_caf(written.error());
    text = std::move(*written);
  }
  const auto number = order(call, std::move(text));
  if (!number)
    return to_caf(number.error());
  auto reply = self->make_response_promise<Reply>();
  asked[*number] = {what, [this, reply, what](worker_answer& answer) mutable {
                      auto heard = answer_of<Reply>(answer);
                      tell(what, heard);
                      if (heard)
                        reply.deliver(std::move(*heard));
                      else
                        reply.deliver(to_caf(heard.error()));
                    }};
  return reply;
}

caf::result<worker_finding>
worker_provisioner_state::inquire(worker_inquiry question) {
  const auto number = order(question.call, std::move(question.id));
  if (!number)
    return to_caf(number.error());
  auto reply = self->make_response_promise<worker_finding>();
  asked[*number].deliver = [reply](worker_answer& answer) mutable {
    auto found = answer_of<worker_finding>(answer);
    if (found)
      reply.deliver(std::move(*found));
    else
      reply.deliver(to_caf(found.error()));
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

void worker_provisioner_state::take(const std::vector<char>& body) {
  if (!ready)
    return take_hello(body);
  if (frames::is<worker_question>(body))
    return take_question(body);
  take_answer(body);
}

void worker_provisioner_state::take_hello(const std::vector<char>& body) {
  const auto hello = frames::read<worker_hello>(self->system(), body);
  if (!hello || hello->version != worker_appointment::known
      || hello->type != type.name)
    return give_up("did not introduce itself");
  if (hello->why_not)
    return give_up("cannot serve: " + hello->why_not.read().message);
  ready = true;
  if (settings.contact)
    settings.contact->open(caf::actor_cast<caf::actor>(self));
}

void worker_provisioner_state::take_question(const std::vector<char>& body) {
  auto question = frames::read<worker_question>(self->system(), body);
  if (!question || !settings.counsel)
    return give_up("asked what is not answered");
  if (!counsellor)
    counsellor
      = self->system().spawn<caf::detached>(counsellor_of, settings.counsel);
  counsel_wanted wanted{.what = std::move(*question)};
  for (const auto& [number, call] : asked)
    if (call.what && call.what->id == wanted.what.id)
      wanted.about = call.what;
  const auto number = wanted.what.number;
  const auto reply = [this](worker_reply what) {
    frames::append(self->system(), self->wr_buf(socket), std::move(what));
    self->flush(socket);
  };
  self->request(counsellor, caf::infinite, std::move(wanted))
    .then([reply](counsel_given& given) { reply(std::move(given.what)); },
          [reply, number](caf::error& err) {
            reply({.number = number, .failed = from_caf(err)});
          });
}

void worker_provisioner_state::take_answer(const std::vector<char>& body) {
  auto answer = frames::read<worker_answer>(self->system(), body);
  auto call = answer ? asked.find(answer->number) : asked.end();
  if (call == asked.end())
    return give_up("answered what it was not asked");
  auto deliver = std::move(call->second.deliver);
  asked.erase(call);
  deliver(*answer);
  changed();
}

void worker_provisioner_state::changed() const {
  if (settings.on_change)
    settings.on_change();
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
    fault = how.value_or("does not end even when killed")
            + (ready ? "" : " before it was ready");
  // What it was at may be half done.
  changed();
  // What is still asked is answered by whoever hears of this end.
  self->quit(to_caf({ready ? errc::provisioner_crashed : errc::host_unavailable,
                     "worker for " + type.name + " " + fault}));
}

} // namespace provision
