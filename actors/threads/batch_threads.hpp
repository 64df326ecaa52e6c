#pragma once

#include <caf/thread_hook.hpp>

#include "messages/batch_thread.hpp"

namespace provision {

/// Makes all threads of an actor system batch threads.
class batch_threads final : public caf::thread_hook {
public:
  void init(caf::actor_system&) override {}
  void thread_started() override { become_batch_thread(); }
  void thread_terminates() override {}
};

} // namespace provision
