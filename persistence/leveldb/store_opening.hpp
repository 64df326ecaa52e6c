#pragma once

#include <cstdint>
#include <string>

#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/transition_writer.hpp"
#include "persistence/reservation_store.hpp"

/// The steps of opening a store, in their order.
namespace provision {

/// Version of the whole store's format; grows with every change that older
/// programs cannot read.
inline constexpr std::uint64_t schema_version = 1;

/// Creates `folder` and its parents if they are missing; only the owner may
/// look inside. errc::storage_failure naming the path.
error prepare_folder(const std::string& folder);

/// errc::storage_too_new with both numbers, or errc::storage_corrupt.
error check_schema(database& db);

/// Checks whose store it is, or marks a new one; true if it is new.
expected<bool> claim_store(database& db, const std::string& node_id);

/// Reads every live record once and sets damaged rows aside.
expected<recovery_report> recover(database& db, timestamp now);

/// The numbers that follow the last rows of outbox and parked reports; the
/// journal's are in its seal.
expected<row_numbers> restore_numbers(database& db);

} // namespace provision
