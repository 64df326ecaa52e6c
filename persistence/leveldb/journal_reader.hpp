#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/error.hpp"
#include "persistence/journal_seal.hpp"

namespace provision {

/// The journal of a store that no daemon uses, row by row as it is stored.
class stored_journal {
public:
  /// errc::storage_locked names the process that uses the store,
  /// errc::storage_corrupt what is damaged; errc::storage_failure.
  static expected<stored_journal> read(const std::string& folder);

  const std::string& node_id() const noexcept { return node_id_; }
  const std::optional<journal_seal>& seal() const noexcept { return seal_; }

  /// Visits every row with the number in its key, the oldest first.
  void for_each(
    const std::function<void(std::uint64_t, std::string_view)>& visit) const {
    for (const auto& [number, row] : rows_)
      visit(number, row);
  }

private:
  std::string node_id_ = {};
  std::optional<journal_seal> seal_ = {};
  std::vector<std::pair<std::uint64_t, std::string>> rows_ = {};
};

} // namespace provision
