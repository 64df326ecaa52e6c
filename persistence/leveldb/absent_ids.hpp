#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace provision {

/// Ids for which a look found no row, until one is written: a new reservation
/// is looked for several times on its way, and each look goes through all that
/// was written last. Bounded; who is forgotten is looked for once more.
class absent_ids {
public:
  static constexpr std::size_t count_max = 4096;

  bool contains(std::string_view id) const { return ids_.contains(id); }

  void note(std::string_view id) {
    if (ids_.size() >= count_max)
      ids_.clear();
    ids_.emplace(id);
  }

  /// A row may be there from now on.
  void forget(std::string_view id) {
    if (const auto found = ids_.find(id); found != ids_.end())
      ids_.erase(found);
  }

private:
  struct hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unordered_set<std::string, hash, std::equal_to<>> ids_ = {};
};

} // namespace provision
