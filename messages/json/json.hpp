#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "messages/capacity.hpp"
#include "messages/documents/document.hpp"
#include "messages/error.hpp"
#include "messages/received_text.hpp"
#include "messages/reservation.hpp"
#include "messages/result.hpp"

/// Text <-> messages. Reading: simdjson, limits, exact errors that name the
/// path of the field ("capacity.memory: ..."); unknown fields are tolerated,
/// keys match without case and the last duplicate wins, as in the original.
/// Writing: compact, byte for byte what Go's encoding/json writes.
namespace provision::json {

/// What a reader accepts from outside.
struct limits {
  /// Bytes of one document.
  std::size_t document_bytes_max = 1U << 20U;
  /// Nesting of objects and arrays.
  std::size_t depth_max = 32;
  /// Elements of one array or object.
  std::size_t elements_max = 65536;
  /// Bytes of a whole page.
  std::size_t page_bytes_max = 64U << 20U;
};

/// Splits a poll's body, `[...]` or `null`, into its elements without looking
/// into them, so that each can fail alone. Text after the array is ignored.
/// The slices share one buffer that owns `page`.
expected<std::vector<received_text>> split_page(std::string page,
                                                const limits& bounds = {});

/// One workload document. Types 3 and 12 up: errc::unknown_workload_type.
expected<documents::workload> read_document(std::string_view text,
                                            const limits& bounds = {});

/// One reservation in the original node's form.
expected<reservation> read_reservation(std::string_view text,
                                       const limits& bounds = {});

/// A result as PUT by a node (spec 4.1).
expected<documents::workload_result>
read_workload_result(std::string_view text, const limits& bounds = {});

/// A result in the original node's form.
expected<result> read_result(std::string_view text, const limits& bounds = {});

/// Decodes `r.data` by type into `r.workload`, or fills `r.data_error`.
void decode_workload(reservation& r, const limits& bounds = {});

/// Whether `text` is one JSON value within the limits; for data that is only
/// carried. On success `compact`, if given, gets it without white space and
/// HTML-escaped as Go does.
error check_json(std::string_view text, std::string* compact = nullptr,
                 const limits& bounds = {});

// Writers: without the newline that Go's encoder appends.
std::string write(const documents::workload& w);
std::string write(const documents::workload_result& r);
/// errc::malformed_input for a creation time beyond year 9999.
expected<std::string> write(const reservation& r);
std::string write(const result& r);
std::string write(const workloads::workload& w);
/// The body of used_resources (spec 4.5).
std::string write(const resource_amount& units, const workload_amount& counts);
std::string write(const provision_counters& counters);

/// `text` as a JSON string with quotes, escaped as Go does.
std::string quote(std::string_view text);

/// RFC 3339 with as many fraction digits as needed, "Z"; and back.
std::string format_rfc3339(timestamp t);
expected<timestamp> parse_rfc3339(std::string_view text);

} // namespace provision::json
