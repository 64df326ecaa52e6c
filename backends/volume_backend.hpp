#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/held_object.hpp"
#include "backends/presence.hpp"
#include "messages/error.hpp"
#include "messages/workload_usage.hpp"

namespace provision {

struct volume_facts {
  presence state = presence::absent;
  /// Where the volume's files are; empty unless present.
  std::string path = {};
  /// The enforced limit, bytes; 0 if nothing enforces one.
  std::uint64_t limit_bytes = 0;
  /// Bytes in use, as far as the technique can tell.
  std::uint64_t used_bytes = 0;
  /// Why the state is partial or unknown.
  std::string reason = {};
};

/// What this host can do for volumes.
struct volume_ability {
  /// "btrfs", "ext4-image", "directory".
  std::string technique = {};
  /// Whether a volume's size is enforced by the kernel.
  bool enforced = false;
  /// Why not something better; for the operator.
  std::string reason = {};
};

/// Storage for volumes on this host. Blocks; each call may take seconds.
/// Every call is safe to repeat, also after a crash at any point.
class volume_backend {
public:
  virtual ~volume_backend() = default;

  virtual volume_ability ability() const = 0;

  virtual volume_facts inspect(std::string_view id) = 0;

  /// Makes the volume exist with this limit: creates it, finishes a half-made
  /// one, grows or shrinks it (never below what is used). Returns its path.
  /// `id` must pass is_safe_id.
  virtual expected<std::string> ensure(std::string_view id,
                                       std::uint64_t limit_bytes)
    = 0;

  /// Makes the volume and everything in it not exist. Absent is a success.
  virtual error destroy(std::string_view id) = 0;

  /// What the volume takes of the disk: by default what inspect() says.
  /// errc::no_such_reservation if there is none. May be called while another
  /// call is at work.
  virtual expected<workload_usage> usage(std::string_view id) {
    return usage_of(id, inspect(id));
  }

  static expected<workload_usage> usage_of(std::string_view id,
                                           const volume_facts& facts);

  /// All that is here, whether anybody wants it or not; an error if that cannot
  /// be told.
  virtual expected<std::vector<held_object>> list() = 0;
};

} // namespace provision
