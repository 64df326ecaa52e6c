#include "tests/simulation/provisioners.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <stdexcept>

#include "actors/caf_error.hpp"

namespace provision::simulation {

namespace {

using self_pointer
  = sim_provisioner_actor::stateful_pointer<sim_provisioner_state>;

constexpr std::string_view removal = "decommission";

std::string data_of(const reservation& what) {
  return "{\"id\":\"" + filesystem_name(what) + "\"}";
}

void hold(self_pointer self, sim_provisioner_state::work work, bool answers) {
  auto& state = self->state;
  auto number = ++state.calls;
  state.pending[number] = std::move(work);
  if (answers)
    self->delayed_send(self, std::chrono::seconds{7}, atom::tick::value,
                       number);
}

/// Whether `act` ends without an answer now.
bool misbehaves(self_pointer self, conduct act, const reservation& what,
                sim_provisioner_state::work work) {
  auto& host = *self->state.link->host;
  switch (act) {
  case conduct::slow:
    hold(self, std::move(work), true);
    return true;
  case conduct::hangs:
    host.checks.type_troubled();
    hold(self, std::move(work), false);
    return true;
  case conduct::kills:
    hold(self, std::move(work), false);
    host.kill();
    return true;
  case conduct::dies:
    host.checks.type_troubled();
    host.checks.answered(what.id);
    self->quit(caf::exit_reason::unhandled_exception);
    return true;
  case conduct::throws:
    host.checks.type_troubled();
    host.checks.answered(what.id);
    throw std::runtime_error{"the provisioner threw"};
  default:
    return false;
  }
}

} // namespace

conduct sim_host::meet(std::string_view verb, const reservation& what) {
  checks.called(verb, what);
  auto about = known.find(what.id);
  if (about == known.end())
    return conduct::works;
  if (verb != removal)
    return about->second.on_provision;
  return removals[what.id]++ < about->second.removal_failures
           ? about->second.on_decommission
           : conduct::works;
}

void sim_host::done(std::string_view verb, const reservation& what) {
  checks.answered(what.id);
  if (verb != removal)
    running.insert(what.id);
  else if (!leaves_withdrawn || !what.result.is_nil())
    running.erase(what.id);
}

sim_provisioner_actor::behavior_type
sim_provisioner(self_pointer self, std::shared_ptr<host_link> link) {
  self->state.link = std::move(link);
  self->set_exception_handler([](std::exception_ptr&) -> caf::error {
    return caf::exit_reason::unhandled_exception;
  });
  return {
    [=](provision_workload& request) -> caf::result<provisioned_workload> {
      auto reply = self->make_response_promise<provisioned_workload>();
      auto* host = self->state.link->host;
      if (!host)
        return reply;
      auto& what = *request.what;
      auto act = host->meet("provision", what);
      if (misbehaves(self, act, what, {request.what, reply, {}, false}))
        return reply;
      if (act == conduct::fails) {
        host->checks.answered(what.id);
        reply.deliver(to_caf({errc::provision_failed, "no luck"}));
        return reply;
      }
      host->done("provision", what);
      reply.deliver(provisioned_workload{data_of(what)});
      return reply;
    },
    [=](decommission_workload& request) -> caf::result<done> {
      auto reply = self->make_response_promise<done>();
      auto* host = self->state.link->host;
      if (!host)
        return reply;
      auto& what = *request.what;
      auto act = host->meet(removal, what);
      if (misbehaves(self, act, what, {request.what, {}, reply, true}))
        return reply;
      if (act == conduct::fails) {
        host->checks.answered(what.id);
        reply.deliver(to_caf({errc::decommission_failed, "no luck"}));
        return reply;
      }
      host->done(removal, what);
      reply.deliver(done{});
      return reply;
    },
    [](probe_provisioner) -> caf::result<done> { return done{}; },
    [=](atom::tick, std::uint64_t number) {
      auto late = self->state.pending.extract(number);
      auto* host = self->state.link->host;
      if (!late || !host)
        return;
      auto& work = late.mapped();
      host->done(work.removing ? removal : "provision", *work.what);
      if (work.removing)
        work.removed.deliver(done{});
      else
        work.provisioned.deliver(provisioned_workload{data_of(*work.what)});
    }};
}

workload_functions sim_functions(std::shared_ptr<host_link> link) {
  auto act = [link](std::string_view verb, const reservation& r) -> error {
    auto* host = link->host;
    if (!host)
      return {errc::shutting_down, "dead"};
    switch (host->meet(verb, r)) {
    case conduct::works:
    case conduct::slow:
      host->done(verb, r);
      return {};
    case conduct::throws:
      host->checks.answered(r.id);
      throw std::runtime_error{"the function threw"};
    case conduct::kills:
      host->kill();
      return {errc::shutting_down, "dead"};
    default:
      host->checks.answered(r.id);
      return {errc::provision_failed, "no luck"};
    }
  };
  return {[act](const reservation& r) -> expected<std::string> {
            if (auto wrong = act("provision", r))
              return fail(wrong);
            return data_of(r);
          },
          [act](const reservation& r) { return act(removal, r); }};
}

} // namespace provision::simulation
