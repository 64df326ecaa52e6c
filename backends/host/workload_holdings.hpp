#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/step_hook.hpp"
#include "backends/host/supervised_processes.hpp"
#include "backends/network_backend.hpp"
#include "backends/public_ip_backend.hpp"
#include "backends/volume_backend.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// What a supervised workload holds of others: needed to start it again after a
/// reboot, and to take it away. Its program and limits are in the record of its
/// process. No secret is in it.
struct workload_record {
  std::string network_id = {};
  std::vector<workloads::ip_address> addresses = {};
  /// Id of its public address; empty: it has none.
  std::string public_ip = {};
  /// Ids of its volumes, its disk apart.
  std::vector<std::string> volumes = {};
  std::uint64_t disk_bytes = 0;

  bool operator==(const workload_record&) const = default;
};

/// As lines of text (shim/lines.hpp).
std::string write_record(const workload_record& record);
/// errc::storage_corrupt for anything that write_record() did not make.
expected<workload_record> read_workload_record(std::string_view text);

/// Keeps those records beside the processes of one kind of workload, and gives
/// back what they tell of: the address in a network and the disk, which is the
/// volume of the workload's own id.
class workload_holdings {
public:
  /// All must outlive it. `file`: name of the record in the process's folder;
  /// `public_ips`: null if this host has none.
  workload_holdings(const supervised_processes& processes,
                    network_backend& networks, volume_backend& volumes,
                    const step_hook& before_step, const char* file,
                    public_ip_backend* public_ips = nullptr)
    : processes_{processes}, networks_{networks}, volumes_{volumes},
      before_step_{before_step}, file_{file}, public_ips_{public_ips} {}

  /// Makes the folder of the process and the record in it, durably. First of
  /// all steps: it tells what is to be given back.
  error note(const std::string& id, const workload_record& record) const;

  /// Nothing if there is none; an error if that cannot be told.
  expected<std::optional<workload_record>> find(const std::string& id) const;

  /// The same of one that is whole. Nothing of one that is half made or half
  /// removed: it must not be started by anybody but who orders it anew.
  expected<std::optional<workload_record>>
  find_whole(const std::string& id) const;

  /// All of them, with the volumes that they use.
  expected<std::vector<held_object>> list() const;

  /// Ends the process and gives everything back; absent is a success.
  /// `before_end` may ask the workload to end by itself.
  error release(const std::string& id,
                const std::function<void()>& before_end = {}) const;

private:
  std::string path_of(const std::string& id) const;
  std::string mark_of(const std::string& id) const;
  void mark_as_leaving(const std::string& id) const;
  error detach(const std::string& id, const workload_record& record) const;

  const supervised_processes& processes_;
  network_backend& networks_;
  volume_backend& volumes_;
  const step_hook& before_step_;
  const char* file_;
  public_ip_backend* public_ips_;
};

} // namespace provision
