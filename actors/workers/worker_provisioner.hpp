#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <caf/io/typed_broker.hpp>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"
#include "actors/workers/worker_messages.hpp"
#include "backends/worker_process.hpp"

namespace provision {

/// A type whose provisioner runs in a process of its own.
struct isolated_type {
  worker_launcher launch = {};
  /// Hear what its worker answers; may be empty.
  std::function<void(const std::string& id, const expected<std::string>&)>
    on_provisioned = {};
  std::function<void(const std::string& id, const error&)> on_decommissioned
    = {};
};

/// A provisioner with what it hears of its worker's socket, and from itself:
/// whether the worker's entry is there to be read.
using worker_broker
  = provisioner_actor::extend<caf::reacts_to<caf::io::new_data_msg>,
                              caf::reacts_to<caf::io::connection_closed_msg>,
                              caf::reacts_to<atom::tick>>;

struct worker_provisioner_state {
  static inline const char* name = "worker provisioner";

  explicit worker_provisioner_state(worker_broker::broker_pointer self)
    : self{self} {}

  void open();
  template <class Reply>
  caf::result<Reply> ask(worker_call call, reservation_ptr what);
  void tell(const reservation_ptr& what,
            const expected<provisioned_workload>& heard) const;
  void tell(const reservation_ptr& what, const expected<done>& heard) const;
  void hear(caf::io::new_data_msg& arrived);
  void take(std::vector<char>& body);
  /// The worker is of no use any more. `fault` says why if it still runs.
  void give_up(std::string fault);
  void await_end();

  worker_broker::broker_pointer self;
  reservation_type type = {};
  isolated_type settings = {};
  /// Ends with this actor, whatever the worker does then.
  std::unique_ptr<worker_process> worker = {};
  caf::io::connection_handle socket = {};
  /// Calls that were not answered yet.
  std::map<std::uint64_t, std::function<void(worker_answer&)>> asked = {};
  std::uint64_t orders = 0;
  /// The worker has said that it is ready.
  bool ready = false;
  bool expects_body = false;
  /// What it did wrong, if it did not end by itself.
  std::string fault = {};
  int looks = 0;
};

/// Fulfils a type's provisioner through a worker process that it starts. It
/// ends with the worker, and the reason names the cause: provisioner_crashed
/// for one that was at work ("worker for volume was killed by signal 11"),
/// host_unavailable for one that was never ready. It ends its worker if it is
/// ended itself, so a call that hangs is fenced for good.
/// To be spawned by the middleman, whose thread lives as long as the daemon.
worker_broker::behavior_type worker_provisioner(
  worker_broker::stateful_broker_pointer<worker_provisioner_state> self,
  reservation_type type, isolated_type settings);

} // namespace provision
