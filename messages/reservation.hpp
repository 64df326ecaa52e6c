#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "messages/capacity.hpp"
#include "messages/error.hpp"
#include "messages/reservation_type.hpp"
#include "messages/result.hpp"
#include "messages/timestamp.hpp"
#include "messages/workloads/workload.hpp"

namespace provision {

/// Free text that only helps debugging; never on the wire.
struct tag {
  std::string source = {};

  bool operator==(const tag&) const = default;
};

/// A request to run one workload on this node.
struct reservation {
  /// "<reservation>-<workload>", both decimal: the original's gwid.
  std::string id = {};
  /// Node it was made for; empty for network_resource and gateway types.
  std::string node_id = {};
  /// Who asks: the user's number in decimal.
  std::string user_id = {};
  reservation_type type = {};
  /// The type's arguments, compact JSON in the node's form; may be empty.
  std::string data = {};
  timestamp created = {};
  std::chrono::nanoseconds duration{0};
  /// The customer's signature as received: the ASCII hex text.
  std::string signature = {};
  /// Asks for removal before the reservation's time is over.
  bool to_delete = false;
  provision::tag tag = {};
  /// Id of an older reservation that this one replaces; empty normally.
  std::string reference = {};
  /// The result that the sender already knows; nil if none.
  provision::result result = {};
  int version = 0;
  /// `data` decoded once, at the edge. std::monostate for types without a
  /// schema here, and if `data` did not decode (then data_error says why).
  workloads::workload workload = {};
  /// Set if the type has a schema and `data` does not fit it.
  error data_error = {};

  /// Whether created + duration is before `now`. A duration of 0 or less is
  /// expired at once; the zero creation time always is.
  bool expired(timestamp now) const noexcept;

  /// When it ends; end_of_time if that is beyond what 64 bits hold.
  timestamp expires_at() const noexcept;

  /// errc::expired, or errc::invalid_reservation if a rule is broken.
  error validate(timestamp now) const;

  bool operator==(const reservation&) const = default;
};

using reservation_ptr = std::shared_ptr<const reservation>;

/// A reservation on its way from a source; `last` marks the end of the
/// source's history, then the reservation is empty.
struct reservation_job {
  provision::reservation reservation = {};
  bool last = false;
};

/// The two numbers of an id.
struct split_id {
  std::uint64_t reservation = 0;
  std::uint64_t workload = 0;

  auto operator<=>(const split_id&) const = default;
};

/// "100-1" -> {100, 1}; errc::invalid_reservation for any other shape.
expected<split_id> split_reservation_id(std::string_view id);

/// Whether `id` may name things on this node: [0-9A-Za-z._-]{1,64}, not "."
/// or "..". Everything that becomes a path, a key or an argument passes here.
bool is_safe_id(std::string_view id) noexcept;

/// Where a reservation stands in a page: less is first.
using page_place = std::tuple<int, bool, split_id>;
page_place place_in_page(const reservation& r) noexcept;

/// Order of a page: (type rank, numeric reservation id, workload id), stable.
/// Ids that do not split come last in their rank.
bool before_in_page(const reservation& a, const reservation& b) noexcept;

/// Name of the file system that backs a reservation: its id, or the id it
/// refers to if it replaces an older one.
std::string filesystem_name(const reservation& r);

/// A file system on the host, as far as naming is concerned.
struct filesystem {
  std::string name = {};
};

/// The reservation number in a file system's name ("123-1" -> 123);
/// errc::malformed_input if the name is not a reservation id.
expected<std::int64_t> workload_id_from_filesystem(const filesystem& fs);

/// Network id on the node: the first 13 characters of base58(MD5(user id
/// followed by network name)). Two users' names can collide: the original's
/// rule has no separator.
std::string network_id(std::string_view user_id, std::string_view name);

/// What a reservation takes: exact, checked. errc::invalid_reservation for
/// sizes that the type does not know or that do not fit 64 bits.
expected<resources> resources_of(const reservation& r);

/// Id of the network that a network or network_resource reservation stands
/// for (via network_id); empty for other types.
std::string network_of(const reservation& r);

} // namespace provision
