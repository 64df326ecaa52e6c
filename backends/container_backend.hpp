#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/held_object.hpp"
#include "backends/output_target.hpp"
#include "backends/presence.hpp"
#include "identity/secret.hpp"
#include "messages/error.hpp"
#include "messages/workload_usage.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// A volume to be seen inside a container.
struct container_volume {
  /// Its id at the volume back-end.
  std::string volume_id = {};
  /// Where it is seen: an absolute path without "..".
  std::string target = {};
};

/// What a reservation asks of a container.
struct container_order {
  /// Also names its disk.
  std::string id = {};
  /// As the reservation has it.
  std::string image = {};
  /// "NAME=value", what comes later counts.
  std::vector<secret> environment = {};
  /// Program and arguments; empty: what the image says.
  std::vector<std::string> entrypoint = {};
  std::uint64_t cpus = 0;
  std::uint64_t memory_bytes = 0;
  /// What the container may write apart from its volumes.
  std::uint64_t disk_bytes = 0;
  std::vector<container_volume> volumes = {};
  /// Id of its network on this node.
  std::string network_id = {};
  std::vector<workloads::ip_address> addresses = {};
  /// Where else its output goes, and what it uses.
  std::vector<output_target> outputs = {};
};

struct container_facts {
  presence state = presence::absent;
  /// Its first process as the host numbers it; 0 if none runs.
  int pid = 0;
  /// How often it was started again.
  std::uint64_t restarts = 0;
  /// Why the state is neither absent nor present.
  std::string reason = {};
};

/// Containers on this host. They outlive the daemon. Blocks; each call may take
/// minutes if an image has to be fetched. Thread-safe. Keeps the contract of
/// backends/presence.hpp.
class container_backend {
public:
  virtual ~container_backend() = default;

  virtual container_facts inspect(std::string_view id) = 0;

  /// One that runs stays as it is. errc::invalid_reservation names the field
  /// that cannot be served.
  virtual error ensure(const container_order& order) = 0;

  /// Its disk goes too; its volumes stay.
  virtual error destroy(std::string_view id) = 0;

  /// errc::no_such_reservation if there is none. May be called while another
  /// call is at work.
  virtual expected<workload_usage> usage(std::string_view id) = 0;

  /// All that is here, whether anybody wants it or not; an error if that cannot
  /// be told.
  virtual expected<std::vector<held_object>> list() = 0;
};

} // namespace provision
