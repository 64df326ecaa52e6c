#include "tests/conformance/rules.hpp"

namespace provision::conformance {

const std::vector<rule>& all_rules() {
  using namespace rules;
  static const std::vector<rule> all{
    {any_date_can_be_stored,
     "records are kept as received, so no date can make one unwritable"},
    {bad_data_is_rejected,
     "arguments that do not decode are refused before the provisioner, with "
     "a result"},
    {bad_document_fails_alone,
     "one bad document is set aside with its reason; the rest of the page "
     "goes on"},
    {bad_id_is_refused,
     "an id that cannot name a file or a key never reaches a provisioner"},
    {cached_means_running,
     "an imported record whose result is \"deleted\" still runs: the original "
     "forgets what it removes"},
    {counters_are_the_sum_of_live_records,
     "counters equal the sum over live records, live and after a restart"},
    {counters_do_not_wrap,
     "amounts are exact; what does not fit 64 bits (or 16 in a report) is "
     "refused or stops at the end"},
    {damaged_file_is_set_aside,
     "a damaged record costs itself only; start, counters and other records "
     "are not touched"},
    {debug_is_counted, "the Counters stream counts debug workloads too"},
    {delete_is_not_skipped,
     "a deletion order is obeyed whatever result the explorer has"},
    {delete_uses_the_stored_workload,
     "what was provisioned is what is taken down and counted back"},
    {duplicate_is_answered_from_disk,
     "no memory of 30 minutes: a known id gets its stored result again, unless "
     "the sender has that very result"},
    {error_records_do_not_loop,
     "records that hold nothing are not looked at by expiry, and nothing is "
     "reported when nothing changed"},
    {error_texts_are_our_own, "our error texts name the thing and the deficit"},
    {expiry_is_built_in,
     "each engine obeys deadlines, at once, without a scan"},
    {failed_is_remembered,
     "a failure is a durable, terminal result: the same id and version is not "
     "tried again"},
    {gateway_types_are_served,
     "a gateway type keeps its arguments, and its result has a category, as in "
     "the original's own gateway"},
    {janitor_deletes_nothing_without_an_order,
     "user data is removed after a deletion order or an expiry only; the "
     "clean-up reports orphans"},
    {limits_do_not_underflow,
     "a node with less memory than is reserved for the system lends out none"},
    {migration_is_atomic,
     "taking over an older reservation is one write; its result is sent once, "
     "under the new id"},
    {networks_counted_once,
     "a network counts once per user and name, however many reservations "
     "stand for it, live and after a restart"},
    {next_poll_follows_at_once,
     "while a page holds something, the next poll follows without a pause; "
     "after failures the pause grows"},
    {no_resurrection,
     "what is gone stays gone: the same id and version is not provisioned "
     "again"},
    {numbers_are_reported_at_start,
     "the used resources are reported when the node is ready and after each "
     "change"},
    {order_is_total,
     "inside a page: type rank, then reservation and workload number; gateway "
     "types after others, unknown ones last"},
    {owner_report_is_remembered,
     "what the owner was told last is the record's result"},
    {panic_is_a_failed_workload,
     "an exception in a provisioner fails that workload; the engine and the "
     "others go on"},
    {poll_goes_on_from_the_same_id,
     "whatever went wrong with a poll, the same ids are asked for again"},
    {reason_is_kept_verbatim,
     "the reason of DecommissionCached is no format string"},
    {record_without_result_is_finished,
     "an imported record without result is provisioned once more "
     "(idempotent), so that it gets one; if it is refused by now, what there "
     "may be of it is taken down first"},
    {rejected_gets_a_result,
     "a reservation that is refused gets an error result, never silence"},
    {removal_is_retried,
     "a failed removal stays ordered and is tried again until it works"},
    {removal_of_an_unsupported_type_is_refused,
     "what this node cannot take down stays recorded and counted, and is "
     "shown"},
    {report_is_owed_once,
     "a page that was asked for before the explorer took a report is not "
     "answered with that report again"},
    {reported_is_looked_at_again,
     "when there is nothing new, what was reported is asked for once more: a "
     "deletion may have been ordered meanwhile"},
    {reports_are_sent_until_accepted,
     "reports are durable and sent, in order per reservation, until the "
     "explorer accepts them"},
    {restart_keeps_everything,
     "a restart, the first after a boot too, keeps all records"},
    {result_waits_for_the_signer,
     "no unsigned outcome: the result waits until the key can sign"},
    {statistics_need_no_storage_daemon,
     "what the system takes is known at start; reporting asks nobody"},
    {types_without_category_send_no_result,
     "for type debug there is no result the explorer could store"},
    {unknown_sizes_rejected,
     "a vm size that does not exist is refused with a result"},
  };
  return all;
}

} // namespace provision::conformance
