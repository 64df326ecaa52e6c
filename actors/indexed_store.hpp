#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/forwarding_store.hpp"

namespace provision {

/// A store that knows which records do not run, so that those are found without
/// a look at all that do. Some tens of bytes in memory for each of them.
class indexed_store final : public forwarding_store {
public:
  explicit indexed_store(std::unique_ptr<reservation_store> inner);

  error apply(transition_batch& batch, durability demanded) override;
  /// Also learns what there is.
  error
  for_each(const std::function<void(const record_summary&)>& visit) override;

  /// Ids that begin with `prefix` and come behind `after`, in their order.
  /// Nothing if it is not known: of those that run, and before the first
  /// for_each().
  std::optional<std::vector<std::string>> ids_in(record_state state,
                                                 std::string_view prefix,
                                                 std::string_view after,
                                                 std::size_t count_max) const;

private:
  void note(std::string_view id, record_state state);
  void forget(std::string_view id);

  /// By state, those that are `provisioned` apart.
  std::map<record_state, std::set<std::string, std::less<>>> ids_ = {};
  bool is_whole_ = false;
};

} // namespace provision
