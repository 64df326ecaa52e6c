#pragma once

#include <optional>
#include <string>

#include "messages/error.hpp"
#include "persistence/journal_check.hpp"
#include "persistence/journal_seal.hpp"

namespace provision {

/// Whose journal it is, its ends, and what is wrong with it.
struct examined_journal {
  std::string node_id = {};
  std::optional<journal_seal> seal = {};
  journal_verdict verdict = {};
};

/// Reads the journal of a store that no daemon uses, line by line.
/// errc::storage_locked names the process that uses the store,
/// errc::storage_corrupt what LevelDB cannot read; errc::storage_failure.
expected<examined_journal> examine_journal(const std::string& folder,
                                           std::optional<known_line> known
                                           = {});

} // namespace provision
