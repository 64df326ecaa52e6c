#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/leveldb/database.hpp"
#include "persistence/reservation_store.hpp"

/// The rows that find the records of a user or of a type: one each for as long
/// as a record lives. With every line of the journal, `m/listed` says that they
/// are complete up to it. A program that does not know these rows writes lines
/// and not that number, so the next start sees that it was there.
namespace provision {

/// The keys of the rows that a live record has.
std::vector<std::string> list_rows_of(const record_summary& what);

/// Whether the rows are complete, `last` being the newest line of the journal.
/// errc::storage_failure if that cannot be read.
expected<bool> lists_are_whole(database& db, std::uint64_t last);

/// Makes the rows anew from the records if they are not complete; one batch
/// after the other, and a crash in between leaves them as incomplete.
error complete_lists(database& db, std::uint64_t last);

/// What the port calls ids_of().
expected<std::vector<std::string>> read_list(database& db, listed_by what,
                                             std::string_view value,
                                             const id_range& range);

} // namespace provision
