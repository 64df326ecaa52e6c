#pragma once

#include <string>
#include <vector>

#include "messages/error.hpp"

namespace provision {

/// A fresh database that holds what could be read of a damaged one.
struct salvaged_store {
  /// Beside the damaged folder; not in its place yet.
  std::string folder = {};
  /// What was put right and what is lost, one sentence each that names the
  /// file.
  std::vector<std::string> notes = {};
};

/// Copies every row of the store in `folder` into a fresh database beside it,
/// as far as the rows can be parsed: a row whose own checksum does not match is
/// copied as it is. LevelDB's checksums are only used to put single wrong bytes
/// right. Leaves `folder` as it is. Nobody may have it open.
expected<salvaged_store> salvage_store(const std::string& folder);

/// Puts the fresh database in the place of the damaged one, in one step that a
/// crash cannot halve; the damaged one is kept as `<folder>.damaged-<n>`, and
/// that name is returned.
expected<std::string> take_place(const salvaged_store& fresh,
                                 const std::string& folder);

} // namespace provision
