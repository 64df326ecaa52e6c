#pragma once

#include <set>
#include <string>
#include <vector>

/// Where we differ from the original on purpose.
namespace provision::conformance {

/// A chosen difference. Its code is where the model applies it; this is its
/// name and the decision behind it.
struct rule {
  const char* name;
  const char* text;
};

namespace rules {

#define PROVISION_RULE(name) inline constexpr const char* name = #name
PROVISION_RULE(any_date_can_be_stored);
PROVISION_RULE(bad_data_is_rejected);
PROVISION_RULE(bad_document_fails_alone);
PROVISION_RULE(bad_id_is_refused);
PROVISION_RULE(cached_means_running);
PROVISION_RULE(counters_are_the_sum_of_live_records);
PROVISION_RULE(counters_do_not_wrap);
PROVISION_RULE(damaged_file_is_set_aside);
PROVISION_RULE(debug_is_counted);
PROVISION_RULE(delete_is_not_skipped);
PROVISION_RULE(delete_uses_the_stored_workload);
PROVISION_RULE(duplicate_is_answered_from_disk);
PROVISION_RULE(error_records_do_not_loop);
PROVISION_RULE(error_texts_are_our_own);
PROVISION_RULE(expiry_is_built_in);
PROVISION_RULE(failed_is_remembered);
PROVISION_RULE(gateway_types_are_served);
PROVISION_RULE(janitor_deletes_nothing_without_an_order);
PROVISION_RULE(limits_do_not_underflow);
PROVISION_RULE(migration_is_atomic);
PROVISION_RULE(networks_counted_once);
PROVISION_RULE(next_poll_follows_at_once);
PROVISION_RULE(no_resurrection);
PROVISION_RULE(numbers_are_reported_at_start);
PROVISION_RULE(order_is_total);
PROVISION_RULE(owner_report_is_remembered);
PROVISION_RULE(panic_is_a_failed_workload);
PROVISION_RULE(poll_goes_on_from_the_same_id);
PROVISION_RULE(reason_is_kept_verbatim);
PROVISION_RULE(record_without_result_is_finished);
PROVISION_RULE(rejected_gets_a_result);
PROVISION_RULE(removal_is_retried);
PROVISION_RULE(removal_of_an_unsupported_type_is_refused);
PROVISION_RULE(report_is_owed_once);
PROVISION_RULE(reported_is_looked_at_again);
PROVISION_RULE(reports_are_sent_until_accepted);
PROVISION_RULE(restart_keeps_everything);
PROVISION_RULE(result_waits_for_the_signer);
PROVISION_RULE(statistics_need_no_storage_daemon);
PROVISION_RULE(types_without_category_send_no_result);
PROVISION_RULE(unknown_sizes_rejected);
#undef PROVISION_RULE

} // namespace rules

/// All rules, sorted by name.
const std::vector<rule>& all_rules();

/// What came of one scenario.
struct verdict {
  /// Rules that explain a difference.
  std::set<std::string> used = {};
  /// Differences that none explains, and where our code does not do what it
  /// must.
  std::vector<std::string> failures = {};
};

} // namespace provision::conformance
