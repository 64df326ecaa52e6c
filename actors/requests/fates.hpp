#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/timestamp.hpp"

/// What the janitor asks of the cache and of the engine.
namespace provision {

/// What the node's memory says of an id.
enum class fate : std::uint8_t {
  /// Never heard of.
  unheard,
  /// It runs, or is on its way.
  live,
  /// It failed or was rejected: nothing of it should be on the host.
  failed,
  /// Its document or record is in the quarantine, and nothing else is known.
  set_aside,
  /// It was taken down after an order or at its end.
  gone,
  /// The store cannot tell.
  unknown,
};

/// "unheard", "live", ...
std::string_view to_string(fate is) noexcept;

struct reservation_fate {
  fate is = fate::unheard;
  /// Since when; the zero time if never.
  timestamp since = {};
};

/// What became of these ids; who was migrated is looked for under the new one.
struct recall_fates {
  std::vector<std::string> ids = {};
};

struct recalled_fates {
  std::vector<reservation_fate> fates = {};
};

/// What live reservations are called on the host: their id, or that of the one
/// they took the place of. A page of them, behind the record of id `after`.
struct list_host_names {
  std::string after = {};
};

struct host_names {
  std::vector<std::string> names = {};
  /// Where the next page begins; empty at the end.
  std::string next = {};
};

/// Keep the engine's hands off this id, and off what would take its name, until
/// release_id: its page waits. errc::host_busy if the engine is at work on it.
struct claim_id {
  std::string id = {};
};

struct release_id {
  std::string id = {};
};

/// Remove an orphan, by the key that it is listed with: an operator's order.
struct remove_orphan {
  std::string key = {};
  std::string reason = {};
};

/// Look at the host now.
struct look_for_orphans {};

} // namespace provision
