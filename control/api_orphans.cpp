// What the host holds that no reservation wants, and the order to remove it.
#include "control/api_asking.hpp"

namespace provision {

namespace {

bool is_tried_again(const orphan& one, bool removes) {
  return removes && one.may_go() && one.failures > 0;
}

void write_orphan(json_writer& out, const orphan& one, bool removes) {
  out.begin_object().field("key", one.key()).field("type", one.type.name);
  out.field("id", one.object.id).field("what", one.object.what);
  out.field("reservation", to_string(one.why.is));
  out.field("since", one.why.since).field("seen_since", one.seen_since);
  out.field("used_by", one.used_by).field("may_go", one.may_go());
  write_error(out, "last_failure", one.last_failure);
  out.field("failures", std::uint64_t{one.failures});
  out.field("next_try",
            is_tried_again(one, removes) ? one.next_try : timestamp{});
  out.end_object();
}

} // namespace

void api_state::orphans(const api_call_ptr& call) {
  const auto report
    = options.orphans ? options.orphans->read() : orphan_report{};
  json_writer out;
  out.begin_object().field("looked_at", report.looked_at);
  out.field("obstacle", report.obstacle);
  out.field("looked_over", report.looked_over);
  out.field("removes", report.removes);
  out.field("quarantine_seconds",
            static_cast<std::uint64_t>(report.quarantine.count()));
  out.field("removed", report.removed);
  out.key("orphans").begin_array();
  for (const auto& one : report.orphans)
    write_orphan(out, one, report.removes);
  out.end_array().end_object();
  answer(*call, out);
}

void api_state::remove_one_orphan(const api_call_ptr& call) {
  auto reason = reason_of_order(call->request.body);
  if (!reason)
    return refuse(*call, reason.error());
  const auto& key = call->target.path.at(2);
  if (!peers.janitor)
    return refuse(*call,
                  {errc::no_such_reservation, "there is no orphan " + key
                                                + "; 'provisionctl orphans' "
                                                  "lists them"});
  note_order(*call, "remove_orphan", key);
  ask<done>(call, peers.janitor, remove_orphan{key, *reason},
            [call, key](done&) {
              json_writer out;
              out.begin_object().field("order", "remove_orphan");
              out.field("subject", key).end_object();
              answer(*call, out);
            });
}

} // namespace provision
