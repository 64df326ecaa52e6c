#include "actors/threads/batch_threads.hpp"

#include <boost/test/unit_test.hpp>

#include <sched.h>

#include <future>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>

using namespace provision;

namespace batch_threads_test {
namespace {

/// How the thread that an actor runs on is scheduled.
template <caf::spawn_options Options>
int scheduling(caf::actor_system& system) {
  std::promise<int> found;
  system.spawn<Options>([&found](caf::event_based_actor*) {
    found.set_value(::sched_getscheduler(0));
  });
  return found.get_future().get();
}

} // namespace
} // namespace batch_threads_test

using namespace batch_threads_test;

BOOST_AUTO_TEST_SUITE(batch_threads_test)

BOOST_AUTO_TEST_CASE(all_threads_of_the_system_are_batch_threads) {
  caf::actor_system_config config;
  config.add_thread_hook<batch_threads>();
  caf::actor_system system{config};
  BOOST_CHECK_EQUAL(scheduling<caf::no_spawn_options>(system), SCHED_BATCH);
  BOOST_CHECK_EQUAL(scheduling<caf::detached>(system), SCHED_BATCH);
}

BOOST_AUTO_TEST_SUITE_END()
