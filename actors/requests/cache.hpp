#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/requests/pages.hpp"
#include "actors/second_look.hpp"
#include "messages/error.hpp"
#include "messages/glance.hpp"
#include "messages/received_text.hpp"
#include "messages/reservation.hpp"
#include "messages/result.hpp"
#include "messages/timestamp.hpp"
#include "persistence/record.hpp"

/// What the engine, the intake and feedback ask of the cache.
namespace provision {

/// Make a page durable: intents, refusals, removals and the cursor.
struct accept_page {
  std::string source = {};
  std::vector<intake_entry> entries = {};
  std::vector<removal_order> removals = {};
  std::optional<std::uint64_t> cursor = {};
  std::optional<page_question> asked = {};
  std::vector<std::string> released = {};
  /// Documents that said nothing new, and are no entries.
  std::size_t settled = 0;
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

/// What the node knows of the reservations that these documents speak of.
struct recall_glances {
  std::vector<glance> glances = {};
};

enum class standing : std::uint8_t {
  /// Not decided on yet, in this version.
  fresh,
  /// Live or gone: its signature need not be checked again.
  known,
  /// Known, and the document says nothing new: nothing is to be done.
  settled,
};

/// One per glance.
struct recalled_glances {
  std::vector<standing> standings = {};
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
  /// Set if it is refused and may have been made in part: a removal of its own
  /// takes that away, then its owner hears why.
  error withdrawn = {};
  /// Its place in the order of work, should it come back.
  std::uint64_t turn = 0;
};

/// Make outcomes durable, all in one write.
struct settle_outcomes {
  std::vector<settlement> outcomes = {};
};

/// Shared with who waits for it and may have to ask again.
using outcome_group = std::shared_ptr<const settle_outcomes>;

struct settled_outcomes {
  std::vector<outbox_row> reports = {};
  /// Removals of what was withdrawn, in order.
  std::vector<intent> intents = {};
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

} // namespace provision
