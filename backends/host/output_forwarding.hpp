#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/output_forwarder.hpp"
#include "backends/host/usage_forwarder.hpp"

namespace provision {

struct output_forwarding_options {
  /// Folder of supervised processes.
  std::string folder = {};
  /// Somebody else sends it on, and is told to look_again().
  bool only_notes = false;
  /// See output_forwarder_options.
  std::function<bool(const workloads::ip_address&)> may_reach = {};
  std::chrono::milliseconds patience{5000};
  /// How long end() waits for what was said last.
  std::chrono::milliseconds last_patience{1000};
  /// When it is measured what workloads use; must have a clock where any is.
  sampling_pace pace = {};
  /// Called on a thread of a forwarder, or of the caller: whether a stream of
  /// the workload arrives where it is to go.
  std::function<void(const std::string& id, output_stream which, const error&)>
    on_change = {};
};

/// Sends on what supervised processes write, and what they use, as files beside
/// their records say:
///
///   <folder>/<id>/targets   where to, mode 0600: passwords are in it
///                 sent-<n>  how far the n-th target has got
///
/// Begins with what it finds there, and wakes up when the kernel tells that a
/// shim has written. Thread-safe.
class output_forwarding {
public:
  /// errc::host_unavailable: there is no thread or descriptor for it.
  static expected<std::unique_ptr<output_forwarding>>
  start(output_forwarding_options options);

  /// Waits for nobody; a later one goes on.
  ~output_forwarding();

  output_forwarding(const output_forwarding&) = delete;
  output_forwarding& operator=(const output_forwarding&) = delete;

  /// Notes durably where the output of `id` is to go; its folder is there. None
  /// are noted as none.
  error note(const std::string& id,
             const std::vector<output_target>& targets) const;

  /// Sends on what `id` writes, if that was noted.
  void begin(const std::string& id);

  /// No more of it: what is already written is sent first, if that takes no
  /// longer than `last_patience`.
  void end(const std::string& id);

  /// Others may have noted something, or taken folders away. Waits for nobody.
  void look_again();

private:
  using forwarders = std::vector<std::unique_ptr<output_forwarder>>;

  struct watched {
    int watch = -1;
    forwarders all = {};
    std::vector<std::unique_ptr<usage_forwarder>> meters = {};
  };

  output_forwarding(output_forwarding_options options, file_descriptor news,
                    file_descriptor bell, file_descriptor over);

  std::string path(const std::string& id, const std::string& name) const;
  expected<watched> make(const std::string& id) const;
  error make_one(const std::string& id, const output_target& target,
                 watched& into) const;
  error make_meter(const std::string& id, const redis_channel& to,
                   watched& into) const;
  void listen();
  void hear();
  void look();

  const output_forwarding_options options_;
  /// The kernel's notices of what was written (inotify).
  const file_descriptor news_;
  const file_descriptor bell_;
  const file_descriptor over_;
  std::mutex mutex_;
  std::map<std::string, watched> watched_;
  std::thread thread_;
};

} // namespace provision
