#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "messages/converter.hpp"
#include "messages/json/json.hpp"
#include "messages/result.hpp"
#include "persistence/reservation_store.hpp"

/// Reports that a change of a record owes the explorer, as rows of its batch.
namespace provision {

/// The request body for a result; nothing for types that the explorer cannot
/// store (debug).
inline std::optional<std::string> result_body(const result& r) {
  auto document = to_document(r);
  if (!document)
    return std::nullopt;
  return json::write(*document);
}

inline outbox_row deleted_row(std::string_view id) {
  return {.kind = report_kind::deleted, .id = std::string{id}};
}

inline void owe_result(transition_batch& batch, const result& r) {
  if (auto body = result_body(r))
    batch.outbox.push_back(
      {.kind = report_kind::result, .id = r.id, .body = std::move(*body)});
}

inline void owe_deleted(transition_batch& batch, std::string_view id) {
  batch.outbox.push_back(deleted_row(id));
}

} // namespace provision
