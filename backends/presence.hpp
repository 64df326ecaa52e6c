#pragma once

#include <cstdint>

namespace provision {

/// What the host says about a thing.
///
/// Every back-end keeps the same contract:
///
///  - `inspect(id)` looks and changes nothing. What it says comes from the
///    host, not from memory: names and tags derive from the id.
///  - `ensure(id, what)` makes the thing be as asked, whatever it finds: it
///    makes an absent one, finishes a partial one, changes a present one in
///    place. If it cannot, it takes back what it has begun.
///  - `destroy(id)` makes the thing not be; absent is a success.
///
/// Each may be called again, also after a crash at any point in between.
enum class presence : std::uint8_t {
  absent,
  /// Some of it is there, or it is not as it was asked for.
  partial,
  present,
  /// Something that is not ours has its name: never touched, never reused.
  foreign,
  /// The host did not say. Never read as `absent`: a tool that fails does not
  /// make an object disappear.
  unknown,
};

} // namespace provision
