// What an administrator can order.
#include "control/api_asking.hpp"

namespace provision {

void api_state::cancel(const api_call_ptr& call) {
  auto reason = reason_of_order(call->request.body);
  if (!reason)
    return refuse(*call, reason.error());
  auto& id = call->target.path.at(2);
  note_order(*call, "cancel", id);
  ask<done>(call, peers.engine, decommission_cached{id, *reason},
            [call, id](done&) {
              json_writer out;
              out.begin_object().field("id", id).field("cancelled", true);
              out.end_object();
              answer(*call, out);
            });
}

template <class Request>
void api_state::order(const api_call_ptr& call, std::string_view name,
                      std::string subject, Request request) {
  note_order(*call, name, subject);
  ask<done>(call, peers.engine, std::move(request),
            [call, name, subject](done&) {
              json_writer out;
              out.begin_object().field("order", name);
              out.field("subject", subject).end_object();
              answer(*call, out);
            });
}

void api_state::pause(const api_call_ptr& call) {
  order(call, "pause", {}, pause_intake{});
}

void api_state::resume(const api_call_ptr& call) {
  order(call, "resume", {}, resume_intake{});
}

void api_state::cordon(const api_call_ptr& call) {
  auto& type = call->target.path.at(2);
  order(call, "cordon", type, cordon_type{reservation_type{type}});
}

void api_state::uncordon(const api_call_ptr& call) {
  auto& type = call->target.path.at(2);
  order(call, "uncordon", type, uncordon_type{reservation_type{type}});
}

void api_state::cordon_node(const api_call_ptr& call) {
  order(call, "cordon", {}, cordon_type{});
}

void api_state::uncordon_node(const api_call_ptr& call) {
  order(call, "uncordon", {}, uncordon_type{});
}

void api_state::retry(const api_call_ptr& call) {
  auto& id = call->target.path.at(2);
  order(call, "retry", id, retry_reservation{id});
}

void api_state::retry_set_aside(const api_call_ptr& call) {
  auto& key = call->target.path.at(2);
  order(call, "retry_quarantined", key, retry_quarantined{key});
}

void api_state::drop_set_aside(const api_call_ptr& call) {
  auto& key = call->target.path.at(2);
  order(call, "drop_quarantined", key, drop_quarantined{key});
}

void api_state::confirm_held_deletions(const api_call_ptr& call) {
  order(call, "confirm_deletions", {}, confirm_deletions{});
}

void api_state::believe_clock(const api_call_ptr& call) {
  order(call, "confirm_clock", {}, confirm_clock{});
}

} // namespace provision
