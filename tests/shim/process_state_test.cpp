#include "shim/process_state.hpp"

#include <boost/test/unit_test.hpp>
#include <unistd.h>

using namespace provision;
using namespace provision::shim;

BOOST_AUTO_TEST_SUITE(process_state_test)

BOOST_AUTO_TEST_CASE(a_state_is_read_as_it_was_written) {
  const process_state state{
    .process = {.pid = 7, .start_time = 123456789012, .boot_id = "b"},
    .restarts = 2,
    .ends = {1, 22}};
  const auto read = read_state(write_state(state));
  BOOST_REQUIRE(read);
  BOOST_CHECK(*read == state);
}

BOOST_AUTO_TEST_CASE(an_exit_is_read_as_it_was_written) {
  const process_exit how{.why = process_exit::cause::gave_up,
                         .code = -1,
                         .signal = 9,
                         .out_of_memory = true,
                         .message = "two\nlines"};
  const auto read = read_exit(write_exit(how));
  BOOST_REQUIRE(read);
  BOOST_CHECK(*read == how);
  BOOST_CHECK_EQUAL(describe(how),
                    "was killed by signal 9, out of memory: two\nlines");
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_no_record) {
  BOOST_CHECK(read_state("").error().code == errc::storage_corrupt);
  BOOST_CHECK(read_exit("").error().code == errc::storage_corrupt);
}

BOOST_AUTO_TEST_CASE(knows_this_process_and_no_other_of_its_number) {
  process_identity own{.pid = ::getpid(),
                       .start_time = start_time_of(::getpid()),
                       .boot_id = boot_id()};
  BOOST_CHECK_GT(own.start_time, 0);
  BOOST_CHECK(is_running(own));
  ++own.start_time;
  BOOST_CHECK(!is_running(own));
  BOOST_CHECK_EQUAL(start_time_of(0), 0);
}

BOOST_AUTO_TEST_SUITE_END()
