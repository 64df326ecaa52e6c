#pragma once

#include <string>
#include <vector>

namespace provision {

/// Something that a back-end finds on the host under this node's name, whether
/// anybody wants it or not: what `list()` yields. It comes from the host, not
/// from memory; what cannot be told is an error of the whole list.
struct held_object {
  /// Id of the reservation that it was made for; empty: it does not tell.
  std::string id = {};
  /// More about it, for people.
  std::string what = {};
  /// Ids of the volumes that it uses: as long as it is here they must stay.
  std::vector<std::string> volumes = {};

  bool operator==(const held_object&) const = default;
};

} // namespace provision
