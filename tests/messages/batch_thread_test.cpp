#include "messages/batch_thread.hpp"

#include <boost/test/unit_test.hpp>

#include <sched.h>

#include <thread>

using namespace provision;

BOOST_AUTO_TEST_SUITE(batch_thread_test)

/// How a thread is scheduled that becomes one, when it was as `before`.
int scheduling_after(int before) {
  int after = -1;
  std::thread{[&] {
    const sched_param none{};
    ::sched_setscheduler(0, before, &none);
    become_batch_thread();
    after = ::sched_getscheduler(0);
  }}.join();
  return after;
}

BOOST_AUTO_TEST_CASE(is_one_thread_and_not_its_program) {
  const auto before = ::sched_getscheduler(0);
  BOOST_CHECK_EQUAL(scheduling_after(SCHED_OTHER), SCHED_BATCH);
  BOOST_CHECK_EQUAL(::sched_getscheduler(0), before);
}

BOOST_AUTO_TEST_CASE(leaves_what_an_operator_chose) {
  BOOST_CHECK_EQUAL(scheduling_after(SCHED_IDLE), SCHED_IDLE);
}

BOOST_AUTO_TEST_SUITE_END()
