#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/report_memory.hpp"
#include "actors/second_look.hpp"
#include "config/node_config.hpp"
#include "explorer/explorer_client.hpp"
#include "messages/capacity.hpp"
#include "messages/error.hpp"
#include "messages/latency.hpp"
#include "messages/received_text.hpp"
#include "messages/reservation.hpp"
#include "messages/result.hpp"
#include "persistence/record.hpp"
#include "persistence/reservation_store.hpp"

/// What the actors send one another: requests are verb_noun, replies are the
/// noun they yield.
namespace provision {

// -- a source's page ----------------------------------------------------------

/// Ask for the next page. Demand flows backwards: nothing is sent unasked.
struct next_page {};

/// A workload that should go, named by the id of its record.
struct removal_order {
  std::string id = {};
  removal_cause cause = removal_cause::ordered;
  std::string reason = {};
};

/// What a source hands over at once.
struct source_page {
  /// Name of the source, for records, logs and its cursor.
  std::string source = {};
  std::vector<received_text> documents = {};
  std::vector<removal_order> removals = {};
  /// What to remember once the page is accepted; nothing for sources that do
  /// not resume.
  std::optional<std::uint64_t> cursor = {};
  /// What the source asked for, if its sender repeats itself until it has the
  /// answers.
  std::optional<page_question> asked = {};
  config::signature_policy signatures = config::signature_policy::off;
  /// The source has handed over all that existed when it was started.
  bool history_end = false;
  /// The source will never have more (ErrPollEOS).
  bool end_of_stream = false;
  /// Keys of quarantined rows that these documents come from: released once
  /// the page is accepted.
  std::vector<std::string> released = {};
};

// -- intake -------------------------------------------------------------------

/// One document of a page: decoded, or refused with the reason.
struct intake_entry {
  received_text received = {};
  /// Null if the document could not be read at all.
  reservation_ptr what = {};
  /// Set if it must not reach a provisioner.
  error refusal = {};
  /// Best guess of id and type when `what` is null; empty if there is none.
  std::string id = {};
  reservation_type type = {};
  /// The signed error result for a refusal, if one is owed; else nil.
  provision::result signed_refusal = {};
};

/// A source's page, decoded, verified and in order.
struct intake_page {
  std::string source = {};
  std::vector<intake_entry> entries = {};
  std::vector<removal_order> removals = {};
  std::optional<std::uint64_t> cursor = {};
  std::optional<page_question> asked = {};
  bool history_end = false;
  bool end_of_stream = false;
  std::vector<std::string> released = {};
};

/// Decode these documents, in place of the intake.
struct decode_documents {
  std::vector<received_text> documents = {};
  std::string node_id = {};
};

/// A document decoded: the reservation, and what a signature check needs.
struct decoded_document {
  intake_entry entry = {};
  std::int64_t customer_tid = 0;
};

struct decoded_documents {
  std::vector<decoded_document> documents = {};
};

/// Check these documents' customer signatures.
struct verify_documents {
  struct item {
    received_text received = {};
    /// Raw 32 bytes.
    std::string public_key = {};
  };
  std::vector<item> items = {};
};

/// One verdict per item, in order; no error means: the signature matches.
struct verdicts {
  std::vector<error> errors = {};
};

// -- the cache ----------------------------------------------------------------

/// Make a page durable: intents, refusals, removals and the cursor.
struct accept_page {
  std::string source = {};
  std::vector<intake_entry> entries = {};
  std::vector<removal_order> removals = {};
  std::optional<std::uint64_t> cursor = {};
  std::optional<page_question> asked = {};
  std::vector<std::string> released = {};
};

/// A reservation whose intent is durable and which the engine must act on.
struct intent {
  record_ptr row = {};
  reservation_ptr what = {};
  /// Set if the node's own records forbid it.
  error objection = {};
};

/// What became of a page.
struct accepted_page {
  /// To be worked on, in order.
  std::vector<intent> intents = {};
  /// Reports that became durable with the page (results sent again, ...).
  std::vector<outbox_row> reports = {};
  /// How many were known already and needed nothing.
  std::size_t known = 0;
  /// How many were set aside.
  std::size_t refused = 0;
};

/// Which of these ids the node has decided on already (so that a signature
/// need not be checked again).
struct recall_ids {
  std::vector<std::pair<std::string, int>> ids = {};
};

struct recalled_ids {
  /// One per id: live or gone with this version.
  std::vector<bool> known = {};
};

/// How one journey through the engine ended.
struct settlement {
  intent work = {};
  /// State to store; nothing: the record is gone.
  std::optional<record_state> state = {};
  /// The signed result; nil if this journey makes none.
  provision::result result = {};
  /// Whether the result is owed to the explorer.
  bool send_result = false;
  /// Whether "deleted" is owed to the explorer, and if so before the result.
  bool send_deleted = false;
  bool deleted_first = false;
  /// For the journal, if there is no result to tell.
  std::string remark = {};
  /// Set if the reservation is poisonous and goes to the quarantine.
  error quarantine = {};
};

/// Make outcomes durable, all in one write.
struct settle_outcomes {
  std::vector<settlement> outcomes = {};
};

struct settled_outcomes {
  std::vector<outbox_row> reports = {};
};

/// After a restart: arm what was cut short, in order, after this sequence.
struct rearm_pending {
  std::uint64_t after = 0;
  std::size_t count_max = 256;
  /// Id that was in flight when the daemon died; empty if none.
  std::string in_flight = {};
};

struct rearmed_pending {
  std::vector<intent> intents = {};
};

/// Which provisioned records are due at `at`: the time that was found to be
/// trustworthy, which a clock that jumps since must not replace.
struct find_expired {
  std::size_t count_max = 256;
  timestamp at = {};
};

struct expired_records {
  std::vector<std::string> ids = {};
  std::optional<timestamp> next_deadline = {};
};

/// Tell `subscriber` when a record is stored whose deadline is earlier than
/// all others.
struct deadline_moved {
  timestamp deadline = {};
};

struct read_outbox {
  std::uint64_t after = 0;
  std::size_t count_max = 256;
};

struct outbox_rows {
  std::vector<outbox_row> rows = {};
};

/// The explorer has accepted, or refused for good, these rows.
struct close_reports {
  std::vector<std::uint64_t> delivered = {};
  std::vector<outbox_row> parked = {};
  /// The source that hears from the same explorer, by the name of its cursor.
  std::string source = {};
};

struct closed_reports {
  /// First reservation that the source should ask for again.
  std::optional<std::uint64_t> look_again_from = {};
};

/// What was set aside, in the order of the keys, behind `after`.
struct list_quarantine {
  std::string after = {};
  std::size_t count_max = 256;
};

struct quarantine_list {
  std::vector<quarantined> rows = {};
};

struct find_quarantined {
  std::string key = {};
};

/// Take these in like the documents of any other source, in the name of the
/// operator.
struct submit_documents {
  std::vector<received_text> documents = {};
};

/// Forget a row of the quarantine for good.
struct drop_quarantined {
  std::string key = {};
};

/// A number that the node keeps under a name that begins with '@'.
struct keep_number {
  std::string name = {};
  std::uint64_t value = 0;
};

struct recall_number {
  std::string name = {};
};

/// 0 if it was never kept.
struct recalled_number {
  std::uint64_t value = 0;
};

struct find_record {
  std::string id = {};
};

/// A record with its reservation decoded.
struct found_record {
  record_ptr row = {};
  reservation_ptr what = {};
};

// -- what an operator asks the cache; each answer has a bound
// ------------------

/// One page of live records, by id. Looks at `count_max` records at most, so a
/// filter can leave a page short or empty although there are more.
struct list_records {
  std::string prefix = {};
  /// Begin behind this id.
  std::string after = {};
  std::size_t count_max = 100;
  /// Only those; empty or nothing: any.
  std::optional<record_state> state = {};
  std::string type = {};
  std::string user = {};
};

struct listed_records {
  /// Without their received bytes.
  std::vector<record> rows = {};
  /// Where the next page begins; empty at the end.
  std::string next = {};
};

/// All that is known of one id: live, gone, or set aside. If there is nothing,
/// `id` is taken for the beginning of one.
struct read_history {
  std::string id = {};
};

struct reservation_history {
  /// The whole id.
  std::string id = {};
  /// Null if it is not live.
  record_ptr row = {};
  std::optional<tombstone> grave = {};
  std::optional<quarantined> set_aside = {};
  /// Lines of the journal about it, oldest first, as far as they were found
  /// near the times that are known of it.
  std::vector<journal_entry> lines = {};
  /// Reports that are owed or parked, as far as they are among the oldest
  /// thousand.
  std::vector<outbox_row> reports = {};
  /// Several ids begin so: the first few; then all else is empty.
  std::vector<std::string> candidates = {};
};

struct read_journal {
  std::uint64_t after = 0;
  std::size_t count_max = 256;
  /// Set: the last lines instead, as many as this.
  std::optional<std::size_t> last = {};
};

struct journal_lines {
  std::vector<journal_entry> lines = {};
  /// Both ends of the journal, if it is a chain.
  std::optional<journal_seal> seal = {};
};

struct read_parked {
  std::size_t count_max = 256;
};

struct read_quarantine {
  /// Begin behind this key.
  std::string after = {};
  std::size_t count_max = 100;
};

struct quarantine_rows {
  std::vector<quarantined> rows = {};
};

struct read_store_status {};

struct store_status {
  store_statistics rows = {};
  /// What opening found.
  std::uint64_t live_at_start = 0;
  std::uint64_t salvaged_at_start = 0;
  std::optional<timestamp> next_deadline = {};
  store_writes writes = {};
};

// -- statser ------------------------------------------------------------------

/// What a reservation counts for.
struct ledger_entry {
  reservation_type type = {};
  resources takes = {};
  std::string network = {};
};

/// Count it if there is room; errc::no_capacity names the deficit.
struct admit_workload {
  ledger_entry entry = {};
};

/// Count it, room or not: it runs already.
struct increment {
  std::vector<ledger_entry> entries = {};
};

struct decrement {
  std::vector<ledger_entry> entries = {};
};

struct current_numbers {
  resource_amount units = {};
  workload_amount workloads = {};
};

struct read_numbers {};
struct read_counters {};
struct read_capacity {};

/// Exact amounts: the largest number stands for "no limit".
struct capacity_status {
  /// What may be lent out.
  resources capacity = {};
  resources used = {};
  /// What the system itself takes, on top.
  resources overhead = {};
  /// Live reservations per type.
  std::map<std::string, std::uint64_t> workloads = {};
};

// -- provisioners -------------------------------------------------------------

struct provision_workload {
  reservation_ptr what = {};
};

struct decommission_workload {
  reservation_ptr what = {};
};

/// What a provisioner made: compact JSON, "null" if nothing.
struct provisioned_workload {
  std::string data = {};
};

struct probe_provisioner {};

// -- feedback -----------------------------------------------------------------

/// These rows are durable now and owed to the explorer.
struct send_reports {
  std::vector<outbox_row> rows = {};
};

struct send_numbers {
  current_numbers numbers = {};
};

struct read_feedback_status {};

struct feedback_status {
  /// Rows known to wait, in memory or on disk.
  std::uint64_t waiting = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delivered = 0;
  std::uint64_t parked = 0;
  error last_failure = {};
  /// Since when no report was answered; the zero time if they are.
  timestamp away_since = {};
  /// The latest time at which the explorer is asked again.
  timestamp next_try = {};
  /// Answers that were no acceptance.
  std::uint64_t failures = 0;
  /// From the first try to the acceptance.
  latency deliveries = {};
  /// Since when the oldest report waits, in this process; no time if none does.
  std::chrono::nanoseconds oldest{0};
};

// -- signer -------------------------------------------------------------------

struct sign_results {
  std::vector<result> results = {};
};

struct signed_results {
  std::vector<result> results = {};
  /// Set if the key cannot sign; then none of the results is signed.
  error failure = {};
};

// -- engine -------------------------------------------------------------------

/// The original's DecommissionCached: the workload is beyond repair; take it
/// down and tell its owner why. Replies when it is gone or has failed once.
struct decommission_cached {
  std::string id = {};
  std::string reason = {};
};

/// Hand the bytes of a quarantined row to the engine again, as if their source
/// had: they are decoded, verified and ordered anew, and the row goes once they
/// are accepted. Replies when they are on their way.
struct retry_quarantined {
  std::string key = {};
};

/// Take in nothing more from the sources; what is known is worked on. Until
/// resume_intake or the next start.
struct pause_intake {};
struct resume_intake {};

/// New workloads of the type wait, removals go on; survives restarts. No type:
/// the whole node.
struct cordon_type {
  reservation_type type = {};
};
struct uncordon_type {
  reservation_type type = {};
};

/// End the pause of a reservation that waits for its next try.
struct retry_reservation {
  std::string id = {};
};

/// Let the deletions go on that the brake holds.
struct confirm_deletions {};

/// The wall clock is right: expiry may act on it.
struct confirm_clock {};

struct read_engine_status {};

/// What a reservation waits for; meanwhile others pass it.
enum class wait_cause : std::uint8_t {
  /// Its type does not serve now: degraded, suspended or cordoned.
  type,
  /// The pause before its next try.
  pause,
  /// An operator has to confirm it.
  confirmation,
};

struct waiting_reservation {
  std::string id = {};
  reservation_type type = {};
  /// It waits to be taken down; else to be provisioned.
  bool removing = false;
  wait_cause cause = wait_cause::type;
  std::string reason = {};
  timestamp since = {};
};

/// Whether a type's provisioner is asked.
enum class type_health : std::uint8_t {
  serving,
  /// Its provisioner hung or died; it serves again once a probe succeeds.
  degraded,
  /// What the type needs failed for several reservations in a row, or its
  /// provisioner was replaced too often: probed, after a longer pause.
  suspended,
};

/// "serving", "degraded", "suspended".
std::string_view to_string(type_health health) noexcept;

/// How one type fares on this node since the start.
struct type_status {
  reservation_type type = {};
  type_health health = type_health::serving;
  /// Why it does not serve; no error if it does.
  error reason = {};
  /// Since when it is as it is.
  timestamp since = {};
  /// New workloads wait until an operator lifts it.
  bool cordoned = false;
  std::size_t waiting = 0;
  std::uint64_t calls = 0;
  /// Calls and probes that missed their deadline.
  std::uint64_t deadlines_missed = 0;
  /// Answers that came after that; they are ignored.
  std::uint64_t late_answers = 0;
  /// Provisioners that died by themselves.
  std::uint64_t deaths = 0;
  /// Provisioners made anew after a hang or a death.
  std::uint64_t restarts = 0;
  std::uint64_t probes = 0;
  /// Times the circuit opened.
  std::uint64_t suspensions = 0;
};

struct engine_status {
  /// "starting", "running", "stopping".
  std::string phase = {};
  std::size_t queue = 0;
  std::size_t unsettled = 0;
  /// How many wait, and the first of them in the order of work.
  std::size_t waiting = 0;
  std::vector<waiting_reservation> waiting_first = {};
  /// One per type that this node offers.
  std::vector<type_status> types = {};
  /// Id of the reservation at a provisioner now; empty if none.
  std::string in_flight = {};
  std::uint64_t provisioned = 0;
  std::uint64_t failed = 0;
  std::uint64_t rejected = 0;
  std::uint64_t removed = 0;
  /// Tries of provisioning that failed and are repeated.
  std::uint64_t retried = 0;
  std::uint64_t known = 0;
  std::uint64_t refused = 0;
  bool history_end = false;
  bool end_of_stream = false;
  /// Why intake pauses; no error if it does not.
  error paused = {};
  /// An operator has paused intake.
  bool intake_held = false;
  /// An operator has cordoned the whole node.
  bool cordoned = false;
  /// Deletions that wait for confirm_deletions.
  std::size_t deletions_held = 0;
  /// Why expiry does not act; no error if the clock is trusted.
  error clock_distrust = {};
  timestamp paused_since = {};
  timestamp in_flight_since = {};
};

/// Where the engine has one reservation now.
struct find_work {
  std::string id = {};
};

struct work_place {
  enum class at : std::uint8_t {
    /// The engine has nothing to do for it.
    nowhere,
    queue,
    provisioner,
    /// Done, and not durable yet.
    settling,
    /// A removal that failed, before its next try.
    retry_pause,
    /// It waits for its type, a pause or a confirmation; others pass it.
    waiting,
  };

  at where = at::nowhere;
  /// How many are before it in the queue.
  std::size_t ahead = 0;
  /// What it waits for.
  std::string reason = {};
  /// At the provisioner or waiting since, and until when it may take.
  timestamp since = {};
  timestamp deadline = {};
  /// For a removal: tries that failed, the last reason, the next try.
  std::uint32_t failures = 0;
  error last_failure = {};
  timestamp next_try = {};
};

/// Stop taking in, let the call in flight end, make outcomes durable.
struct stop_engine {};

/// Hand over again what was handed over before.
struct reconcile_source {
  /// First id of interest; 0 for the whole history.
  std::uint64_t from = 0;
  /// Only once there is nothing new.
  bool when_idle = false;
};

struct done {};

} // namespace provision
