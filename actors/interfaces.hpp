#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/engine_times.hpp"
#include "actors/report_memory.hpp"
#include "actors/requests.hpp"
#include "actors/requests/fates.hpp"
#include "explorer/explorer_client.hpp"

// Everything below stays inside one process: payloads are moved or shared,
// never serialised, so they need no inspect.
#define PROVISION_LOCAL(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::type)
PROVISION_LOCAL(next_page)
PROVISION_LOCAL(source_page)
PROVISION_LOCAL(intake_page)
PROVISION_LOCAL(glance_at_documents)
PROVISION_LOCAL(document_glances)
PROVISION_LOCAL(decode_documents)
PROVISION_LOCAL(decoded_documents)
PROVISION_LOCAL(verify_documents)
PROVISION_LOCAL(verdicts)
PROVISION_LOCAL(accept_page)
PROVISION_LOCAL(accepted_page)
PROVISION_LOCAL(recall_glances)
PROVISION_LOCAL(recalled_glances)
PROVISION_LOCAL(outcome_group)
PROVISION_LOCAL(settled_outcomes)
PROVISION_LOCAL(rearm_pending)
PROVISION_LOCAL(rearmed_pending)
PROVISION_LOCAL(find_expired)
PROVISION_LOCAL(expired_records)
PROVISION_LOCAL(deadline_moved)
PROVISION_LOCAL(read_outbox)
PROVISION_LOCAL(outbox_rows)
PROVISION_LOCAL(close_reports)
PROVISION_LOCAL(closed_reports)
PROVISION_LOCAL(find_record)
PROVISION_LOCAL(found_record)
PROVISION_LOCAL(list_records)
PROVISION_LOCAL(listed_records)
PROVISION_LOCAL(read_history)
PROVISION_LOCAL(reservation_history)
PROVISION_LOCAL(read_journal)
PROVISION_LOCAL(journal_lines)
PROVISION_LOCAL(read_parked)
PROVISION_LOCAL(read_quarantine)
PROVISION_LOCAL(quarantine_rows)
PROVISION_LOCAL(read_store_status)
PROVISION_LOCAL(store_status)
PROVISION_LOCAL(read_capacity)
PROVISION_LOCAL(capacity_status)
PROVISION_LOCAL(find_work)
PROVISION_LOCAL(work_place)
PROVISION_LOCAL(admit_workload)
PROVISION_LOCAL(increment)
PROVISION_LOCAL(decrement)
PROVISION_LOCAL(current_numbers)
PROVISION_LOCAL(read_numbers)
PROVISION_LOCAL(read_counters)
PROVISION_LOCAL(provision_counters)
PROVISION_LOCAL(provision_workload)
PROVISION_LOCAL(decommission_workload)
PROVISION_LOCAL(provisioned_workload)
PROVISION_LOCAL(probe_provisioner)
PROVISION_LOCAL(send_reports)
PROVISION_LOCAL(send_numbers)
PROVISION_LOCAL(read_feedback_status)
PROVISION_LOCAL(feedback_status)
PROVISION_LOCAL(sign_results)
PROVISION_LOCAL(signed_results)
PROVISION_LOCAL(decommission_cached)
PROVISION_LOCAL(read_engine_status)
PROVISION_LOCAL(engine_status)
PROVISION_LOCAL(read_engine_numbers)
PROVISION_LOCAL(engine_numbers)
PROVISION_LOCAL(stop_engine)
PROVISION_LOCAL(reconcile_source)
PROVISION_LOCAL(poll_page)
PROVISION_LOCAL(list_quarantine)
PROVISION_LOCAL(quarantine_list)
PROVISION_LOCAL(find_quarantined)
PROVISION_LOCAL(quarantined)
PROVISION_LOCAL(drop_quarantined)
PROVISION_LOCAL(retry_quarantined)
PROVISION_LOCAL(submit_documents)
PROVISION_LOCAL(keep_number)
PROVISION_LOCAL(recall_number)
PROVISION_LOCAL(recalled_number)
PROVISION_LOCAL(pause_intake)
PROVISION_LOCAL(resume_intake)
PROVISION_LOCAL(cordon_type)
PROVISION_LOCAL(uncordon_type)
PROVISION_LOCAL(retry_reservation)
PROVISION_LOCAL(confirm_deletions)
PROVISION_LOCAL(confirm_clock)
PROVISION_LOCAL(recall_fates)
PROVISION_LOCAL(recalled_fates)
PROVISION_LOCAL(list_host_names)
PROVISION_LOCAL(host_names)
PROVISION_LOCAL(claim_id)
PROVISION_LOCAL(release_id)
PROVISION_LOCAL(remove_orphan)
PROVISION_LOCAL(look_for_orphans)
PROVISION_LOCAL(done)
#undef PROVISION_LOCAL

/// Who exists, and what each accepts. Sources are asked by the intake, the
/// intake by the engine; the engine talks to everyone else. Two others read
/// the cache: the expiry source (deadlines) and feedback (its outbox).
namespace provision {

/// SOURCE: where reservations come from (the original's ReservationSource).
using source_actor = caf::typed_actor<
  // Replies as soon as there is something to hand over; errc::shutting_down.
  caf::replies_to<next_page>::with<source_page>,
  // Hand over the history again, or its end, if the source has one.
  caf::reacts_to<reconcile_source>>;

/// DECODER: turns bytes into reservations; one per core.
using decoder_actor = caf::typed_actor<
  caf::replies_to<glance_at_documents>::with<document_glances>,
  caf::replies_to<decode_documents>::with<decoded_documents>,
  caf::replies_to<verify_documents>::with<verdicts>>;

/// INTAKE: decodes and verifies ahead of the engine and restores the order.
using intake_actor = caf::typed_actor<
  // Replies with the source's next page, in the order of work.
  caf::replies_to<next_page>::with<intake_page>>;

/// CACHE: the node's durable memory (the original's ReservationCache). Each
/// reply that follows a change means: it is on disk.
using cache_actor = caf::typed_actor<
  // Replies with what must be done. errc::disk_full, errc::storage_failure:
  // nothing of the page was taken.
  caf::replies_to<accept_page>::with<accepted_page>,
  caf::replies_to<recall_glances>::with<recalled_glances>,
  // Same errors; the outcomes may be sent again.
  caf::replies_to<outcome_group>::with<settled_outcomes>,
  caf::replies_to<rearm_pending>::with<rearmed_pending>,
  // Also makes the sender the one who hears of earlier deadlines.
  caf::replies_to<find_expired>::with<expired_records>,
  caf::replies_to<read_outbox>::with<outbox_rows>,
  // Not synced: a report sent twice does no harm.
  caf::replies_to<close_reports>::with<closed_reports>,
  // errc::no_such_reservation.
  caf::replies_to<find_record>::with<found_record>>;

/// ARCHIVE: the same actor for those who explain the node. Each answer has a
/// bound, because the engine waits meanwhile.
using archive_actor = cache_actor::extend<
  caf::replies_to<list_records>::with<listed_records>,
  // errc::no_such_reservation.
  caf::replies_to<read_history>::with<reservation_history>,
  caf::replies_to<read_journal>::with<journal_lines>,
  caf::replies_to<read_parked>::with<outbox_rows>,
  caf::replies_to<read_quarantine>::with<quarantine_rows>,
  caf::replies_to<read_store_status>::with<store_status>,
  caf::replies_to<recall_fates>::with<recalled_fates>,
  caf::replies_to<list_host_names>::with<host_names>>;

/// KEEPER: the same actor with what the engine asks for the operator.
using keeper_actor = archive_actor::extend<
  caf::replies_to<list_quarantine>::with<quarantine_list>,
  // errc::no_such_reservation.
  caf::replies_to<find_quarantined>::with<quarantined>,
  caf::replies_to<drop_quarantined>::with<done>,
  caf::replies_to<keep_number>::with<done>,
  caf::replies_to<recall_number>::with<recalled_number>>;

/// STATSER: counts what is reserved (the original's Statser).
using statser_actor = caf::typed_actor<
  // errc::no_capacity with the deficit of each unit that is short.
  caf::replies_to<admit_workload>::with<done>, caf::reacts_to<increment>,
  caf::reacts_to<decrement>,
  caf::replies_to<read_numbers>::with<current_numbers>,
  caf::replies_to<read_counters>::with<provision_counters>,
  caf::replies_to<read_capacity>::with<capacity_status>>;

/// PROVISIONER: one workload type on this node. Every call may be repeated.
using provisioner_actor = caf::typed_actor<
  // Replies with the result's data; any error is the reservation's result.
  caf::replies_to<provision_workload>::with<provisioned_workload>,
  // Replies once nothing of the workload is left.
  caf::replies_to<decommission_workload>::with<done>,
  // Replies if the type can serve.
  caf::replies_to<probe_provisioner>::with<done>>;

/// SIGNER: signs results with the node's key, in batches.
using signer_actor
  = caf::typed_actor<caf::replies_to<sign_results>::with<signed_results>>;

/// FEEDBACK: delivers durable reports to the explorer (the original's
/// Feedbacker), in order per reservation, until they are accepted.
using feedback_actor = caf::typed_actor<
  // Answered when there is room for more: at once while the explorer is away,
  // and never later than feedback_options::patience.
  caf::replies_to<send_reports>::with<done>,
  // Coalesced: only the latest numbers are sent.
  caf::reacts_to<send_numbers>,
  caf::replies_to<read_feedback_status>::with<feedback_status>>;

/// ENGINE: applies reservations one at a time, in order.
using engine_actor = caf::typed_actor<
  // errc::no_such_reservation; errc::decommission_failed.
  caf::replies_to<decommission_cached>::with<done>,
  caf::replies_to<read_engine_status>::with<engine_status>,
  caf::replies_to<find_work>::with<work_place>,
  caf::replies_to<read_engine_numbers>::with<engine_numbers>,
  // The operator's. errc::no_such_reservation for a key, id or type that the
  // node does not know.
  caf::replies_to<list_quarantine>::with<quarantine_list>,
  caf::replies_to<retry_quarantined>::with<done>,
  caf::replies_to<drop_quarantined>::with<done>,
  // Replies once they are on their way; what becomes of each is asked later.
  caf::replies_to<submit_documents>::with<done>,
  caf::replies_to<pause_intake>::with<done>,
  caf::replies_to<resume_intake>::with<done>,
  caf::replies_to<cordon_type>::with<done>,
  caf::replies_to<uncordon_type>::with<done>,
  caf::replies_to<retry_reservation>::with<done>,
  caf::replies_to<confirm_deletions>::with<done>,
  caf::replies_to<confirm_clock>::with<done>,
  // The janitor's. errc::host_busy.
  caf::replies_to<claim_id>::with<done>, caf::reacts_to<release_id>,
  // Replies once all outcomes are durable.
  caf::replies_to<stop_engine>::with<done>>;

/// JANITOR: what the host holds that no reservation wants.
using janitor_actor = caf::typed_actor<
  // An operator's order. errc::no_such_reservation if there is no such orphan
  // any more; errc::host_busy if something uses it.
  caf::replies_to<remove_orphan>::with<done>, caf::reacts_to<look_for_orphans>>;

} // namespace provision
