#include "config/changes.hpp"

#include "config/key_table.hpp"

namespace provision::config {

changes changes_between(const node_config& before, const node_config& after) {
  changes found;
  for (const auto& row : key_table())
    if (row.show(before) != row.show(after))
      (row.is_live ? found.live : found.restart).emplace_back(row.key);
  return found;
}

} // namespace provision::config
