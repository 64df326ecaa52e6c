#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/held_object.hpp"
#include "backends/presence.hpp"
#include "identity/secret.hpp"
#include "messages/error.hpp"
#include "messages/workload_usage.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// A file that the machine's first boot puts in place, readable for its root.
struct machine_file {
  /// Absolute, inside the machine.
  std::string path = {};
  secret content = {};
};

/// What a reservation asks of a virtual machine.
struct machine_order {
  /// Also its host name.
  std::string id = {};
  std::uint64_t cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
  /// Id of its network on this node.
  std::string network_id = {};
  workloads::ip_address address = {};
  /// Id of the public address that it is to have as well; empty: none.
  std::string public_ip = {};
  /// As in authorized_keys, a key each, or "github:<account>".
  std::vector<std::string> ssh_keys = {};
  std::vector<machine_file> files = {};
};

struct machine_facts {
  presence state = presence::absent;
  /// The process that runs it as the host numbers it; 0 if none does.
  int pid = 0;
  /// How often it was started again.
  std::uint64_t restarts = 0;
  /// Why the state is neither absent nor present.
  std::string reason = {};
};

/// Virtual machines on this host, all from one image. They outlive the daemon.
/// Blocks for seconds. Thread-safe. Keeps the contract of
/// backends/presence.hpp.
class machine_backend {
public:
  virtual ~machine_backend() = default;

  virtual machine_facts inspect(std::string_view id) = 0;

  /// Returns once its processors run, which is before its system is up. One
  /// that runs stays as it is; the disk of one that ran before is kept.
  /// errc::invalid_reservation names the field that cannot be served,
  /// errc::host_busy the public address that is not here yet.
  virtual error ensure(const machine_order& order) = 0;

  /// Its system is told first and has seconds to shut down. Its disk goes too.
  virtual error destroy(std::string_view id) = 0;

  /// errc::no_such_reservation if there is none. May be called while another
  /// call is at work.
  virtual expected<workload_usage> usage(std::string_view id) = 0;

  /// All that is here, whether anybody wants it or not; an error if that cannot
  /// be told.
  virtual expected<std::vector<held_object>> list() = 0;
};

} // namespace provision
