#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backends/host/process_mutex.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/host/supervised_processes.hpp"
#include "backends/host/zdb_server.hpp"
#include "backends/host/zdb_tools.hpp"
#include "backends/zdb_backend.hpp"

namespace provision {

struct host_zdb_options {
  std::string node_id = {};
  /// Folder of the servers' records; made if it is missing.
  std::string folder = {};
  /// Folder of the pool, on whose disk namespaces are.
  std::string pool = {};
  zdb_tools tools = {};
  std::optional<control_groups> groups = {};
  /// Numeric; the server of mode user listens at `port`, that of mode seq at
  /// the next one.
  std::string address = {};
  std::uint16_t port = 9900;
  std::shared_ptr<entropy> random = {};
  std::chrono::milliseconds start_patience{10000};
  std::chrono::milliseconds restart_delay{2000};
  step_hook before_step = {};
};

/// Namespaces of 0-db servers, one server per mode, each under a shim
/// (zdb_server.hpp):
///
///   <folder>/<mode>/            records of the server
///                  names/<id>   a namespace that is there, or being made
///   <pool>/zdb+<mode>/          what they hold; no volume can bear that name
class host_zdb_backend final : public zdb_backend {
public:
  static expected<std::unique_ptr<host_zdb_backend>>
  open(host_zdb_options options);

  zdb_facts inspect(std::string_view id) override;
  expected<zdb_place> ensure(const zdb_order& order) override;
  error destroy(std::string_view id) override;
  expected<std::vector<held_object>> list() override;

  /// Makes the server of this mode ("user", "seq") run again if it ought to:
  /// after a reboot, the death of its shim, or because its program could not be
  /// started. Yields whether there was anything to do.
  expected<bool> restore(const std::string& mode);

  /// Called after a server was started.
  void on_start(std::function<void()> listener);

  /// The servers.
  const supervised_processes& processes() const { return *processes_; }

private:
  host_zdb_backend(host_zdb_options options,
                   std::unique_ptr<supervised_processes> processes);

  zdb_server& server_of(workloads::zdb_mode mode);
  expected<bool> has_note(const zdb_server& server, std::string_view id) const;
  expected<std::vector<std::string>> notes(const zdb_server& server) const;
  expected<std::set<std::string>> known_to(const zdb_server& server) const;
  error check(const zdb_order& order);
  error check_data(const zdb_server& server) const;
  expected<zdb_admin> bring_up(const zdb_server& server) const;
  error note(const zdb_server& server, const std::string& id) const;
  /// `is_begun`: whether there is something to take back if it fails.
  error converge(const zdb_server& server, const zdb_order& order,
                 bool& is_begun) const;
  error remove_from(const zdb_server& server, const std::string& id) const;
  zdb_facts inspect_at(const zdb_server& server, std::string_view id) const;

  host_zdb_options options_;
  /// At a fixed place, where the servers find it.
  std::unique_ptr<supervised_processes> processes_;
  std::array<zdb_server, 2> servers_;
  process_mutex mutex_{options_.folder + ".lock"};
  std::function<void()> listener_;
};

} // namespace provision
