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
#include "actors/workers/worker_contact.hpp"
#include "actors/workers/worker_messages.hpp"
#include "backends/worker_process.hpp"

namespace provision {

/// What only the daemon can tell a worker. `about`: the reservation of the
/// question's id, if the worker has it in its hands; else null. May block.
using worker_counsel = std::function<expected<std::string>(
  const worker_question& what, const reservation* about)>;

/// A type whose provisioner runs in a process of its own.
struct isolated_type {
  worker_launcher launch = {};
  /// Answers what it asks; empty: nothing is answered.
  worker_counsel counsel = {};
  /// Called after every answer and after its end: something of its type may
  /// have come or gone on the host. May be empty.
  std::function<void()> on_change = {};
  /// By which others reach it; may be null.
  std::shared_ptr<worker_contact> contact = {};
  /// It keeps something up besides answering calls: it runs as long as the
  /// engine does. Else it is started by the first call.
  bool runs_always = false;
  /// Hear what its worker answers; may be empty.
  std::function<void(const std::string& id, const expected<std::string>&)>
    on_provisioned = {};
  std::function<void(const std::string& id, const error&)> on_decommissioned
    = {};
};

/// What a worker holds is to be listed, or one of it to be removed.
struct worker_inquiry {
  worker_call call = worker_call::list;
  std::string id = {};
};
struct worker_finding {
  std::vector<held_object> objects = {};
};

/// A question on its way to a thread that may wait, and back.
struct counsel_wanted {
  worker_question what = {};
  reservation_ptr about = {};
};
struct counsel_given {
  worker_reply what = {};
};

} // namespace provision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::worker_inquiry)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::worker_finding)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::counsel_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::counsel_given)

namespace provision {

/// A provisioner with what it hears of its worker's socket, and from itself:
/// whether the worker's entry is there to be read.
using worker_broker = provisioner_actor::extend<
  caf::replies_to<worker_inquiry>::with<worker_finding>,
  caf::reacts_to<caf::io::new_data_msg>,
  caf::reacts_to<caf::io::connection_closed_msg>, caf::reacts_to<atom::tick>>;

struct worker_provisioner_state {
  static inline const char* name = "worker provisioner";

  explicit worker_provisioner_state(worker_broker::broker_pointer self)
    : self{self} {}
  worker_provisioner_state(const worker_provisioner_state&) = delete;
  worker_provisioner_state& operator=(const worker_provisioner_state&) = delete;
  ~worker_provisioner_state();

  void open(const std::string& node_id);
  template <class Reply>
  caf::result<Reply> ask(worker_call call, reservation_ptr what);
  caf::result<worker_finding> inquire(worker_inquiry question);
  expected<std::uint64_t> order(worker_call call, std::string what);
  void tell(const reservation_ptr& what,
            const expected<provisioned_workload>& heard) const;
  void tell(const reservation_ptr& what, const expected<done>& heard) const;
  void hear(caf::io::new_data_msg& arrived);
  void take(const std::vector<char>& body);
  void take_hello(const std::vector<char>& body);
  void take_question(const std::vector<char>& body);
  void take_answer(const std::vector<char>& body);
  void changed() const;
  /// The worker is of no use any more. `fault` says why if it still runs.
  void give_up(std::string fault);
  void await_end();

  /// A call that was not answered yet.
  struct call {
    reservation_ptr what = {};
    std::function<void(worker_answer&)> deliver = {};
  };

  worker_broker::broker_pointer self;
  reservation_type type = {};
  isolated_type settings = {};
  /// Ends with this actor, whatever the worker does then.
  std::unique_ptr<worker_process> worker = {};
  caf::io::connection_handle socket = {};
  std::map<std::uint64_t, call> asked = {};
  std::uint64_t orders = 0;
  /// Answers its questions; made with the first.
  caf::actor counsellor = {};
  /// The worker has said that it is ready.
  bool ready = false;
  bool expects_body = false;
  /// What it did wrong, if it did not end by itself.
  std::string fault = {};
  int looks = 0;
};

/// Fulfils a type's provisioner through a worker process that it starts, for
/// the workloads of node `node_id`. It ends with the worker, and the reason
/// names the cause: provisioner_crashed for one that was at work ("worker for
/// volume was killed by signal 11"), host_unavailable for one that was never
/// ready. It ends its worker if it is ended itself, so a call that hangs is
/// fenced for good.
/// To be spawned by the middleman, whose thread lives as long as the daemon.
worker_broker::behavior_type worker_provisioner(
  worker_broker::stateful_broker_pointer<worker_provisioner_state> self,
  reservation_type type, std::string node_id, isolated_type settings);

} // namespace provision
