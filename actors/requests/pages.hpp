#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/second_look.hpp"
#include "config/node_config.hpp"
#include "messages/documents/document.hpp"
#include "messages/error.hpp"
#include "messages/glance.hpp"
#include "messages/received_text.hpp"
#include "messages/reservation.hpp"
#include "messages/result.hpp"
#include "persistence/record.hpp"

/// What sources hand over and what the intake makes of it.
namespace provision {

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
  /// Documents that said nothing new, and are no entries.
  std::size_t settled = 0;
};

/// Shared, so that its signature is checked without reading it again.
using document_ptr = std::shared_ptr<const documents::workload>;

/// Decode these documents, in place of the intake.
struct decode_documents {
  std::vector<received_text> documents = {};
  std::string node_id = {};
  /// Also wanted is what a signature check needs.
  bool for_signatures = true;
};

/// A document decoded: the reservation, and what a signature check needs.
struct decoded_document {
  intake_entry entry = {};
  /// Null: it came in the form of a reservation, could not be read, or is not
  /// wanted.
  document_ptr document = {};
};

struct decoded_documents {
  std::vector<decoded_document> documents = {};
};

/// Look first at what may be new of reservations that are known.
struct glance_at_documents {
  std::vector<received_text> documents = {};
};

/// One per document.
struct document_glances {
  std::vector<glance> glances = {};
};

/// Check these documents' customer signatures.
struct verify_documents {
  struct item {
    /// Null: there is nothing that a signature could cover.
    document_ptr document = {};
    /// Raw 32 bytes.
    std::string public_key = {};
  };
  std::vector<item> items = {};
};

/// One verdict per item, in order; no error means: the signature matches.
struct verdicts {
  std::vector<error> errors = {};
};

} // namespace provision
