#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "messages/timestamp.hpp"

/// Every key of the store. A kind is one letter, so that rows of a kind lie
/// together; numbers are big-endian, so that they sort by value; times are
/// seconds with the sign flipped and nanoseconds, twelve bytes.
///
///   m/
///   ├── schema               format version of the whole store
///   ├── node                 id of the node it belongs to
///   ├── journal              seal of the journal: its two ends, signed
///   ├── listed               journal line up to which u and y are complete
///   └── cursor/<source>      next id to ask the source for
///   r/<id>                   state of a live record
///   b/<id>                   its bytes as received
///   w/<sequence>             pending record -> id
///   x/<time><id>             provisioned record with a deadline
///   n/<network>/<id>         record that holds a network
///   u/<user>/<id>            live record of a user
///   y/<type>/<id>            live record of a type
///   o/<sequence>             outbox: reports that are owed
///   k/<sequence>             parked: reports refused for good
///   j/<sequence>             journal
///   t/<id>                   tombstone
///   q/<key>                  quarantine: what was set aside, and why
///   d/<key of another row>   damaged row set aside, byte for byte
namespace provision::keys {

/// The kinds of rows, by their letter.
enum class kind : char {
  meta = 'm',
  state = 'r',
  received = 'b',
  work = 'w',
  expiry = 'x',
  network = 'n',
  user = 'u',
  type = 'y',
  outbox = 'o',
  parked = 'k',
  journal = 'j',
  tombstone = 't',
  quarantine = 'q',
  damaged = 'd',
};

inline constexpr std::string_view schema = "m/schema";
inline constexpr std::string_view node = "m/node";
inline constexpr std::string_view journal_seal = "m/journal";
inline constexpr std::string_view listed = "m/listed";
inline constexpr std::string_view cursor_prefix = "m/cursor/";

/// "r/": where the rows of `what` begin.
std::string prefix(kind what);

/// Kinds that are named by a text: state, received, tombstone, quarantine,
/// damaged.
std::string named(kind what, std::string_view name);

/// Kinds that are numbered: work, outbox, parked, journal.
std::string numbered(kind what, std::uint64_t sequence);

std::string cursor(std::string_view source);
std::string expiry(timestamp at, std::string_view id);

/// Kinds that group records by a text, network, user and type:
/// "n/<network>/<id>".
std::string grouped(kind what, std::string_view group, std::string_view id);
/// "n/<network>/": where the records of one group begin.
std::string group_prefix(kind what, std::string_view group);

/// What follows the kind in `key`: "r/100-1" -> "100-1".
std::string_view name_of(std::string_view key) noexcept;

/// The kind of `key`; nothing if the store writes no such key.
std::optional<kind> kind_of(std::string_view key) noexcept;

/// The number in a numbered key; nothing for any other shape.
std::optional<std::uint64_t> sequence_of(std::string_view key) noexcept;

/// A row of the expiry index; `id` is a view into the key.
struct expiry_key {
  timestamp at = {};
  std::string_view id = {};
};
std::optional<expiry_key> expiry_of(std::string_view key) noexcept;

/// The id in a key that groups records: ids hold no slash.
std::string_view grouped_id_of(std::string_view key) noexcept;

} // namespace provision::keys
