#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "persistence/reservation_store.hpp"

/// What all stores do alike.
namespace provision {

/// Rows of the journal that a store keeps unless told otherwise.
inline constexpr std::size_t journal_rows_kept = 100'000;

/// The first row without a name or a record in `batch`, as
/// errc::storage_failure; nothing if the batch can be applied.
error check_batch(const transition_batch& batch);

/// Gives every quarantine row without a key one that follows from its bytes,
/// so that the same input delivered twice fills one row.
void name_quarantine(transition_batch& batch);

/// Whether the record has a row in the expiry index.
bool has_deadline(record_state state, timestamp expires) noexcept;

/// Whether the record has a row in the network index.
bool stands_for_network(record_state state, std::string_view network) noexcept;

} // namespace provision
