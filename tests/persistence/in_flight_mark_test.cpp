#include "persistence/in_flight_mark.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/persistence/builders.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(in_flight_mark_test)

BOOST_AUTO_TEST_CASE(reads_what_was_set_until_it_is_cleared) {
  in_flight_mark mark;
  BOOST_CHECK_EQUAL(mark.read(), "");
  mark.set("100-1");
  BOOST_CHECK_EQUAL(mark.read(), "100-1");
  mark.set("7-1");
  BOOST_CHECK_EQUAL(mark.read(), "7-1");
  mark.clear();
  BOOST_CHECK_EQUAL(mark.read(), "");
}

BOOST_AUTO_TEST_CASE(does_not_remember_what_has_no_room) {
  in_flight_mark mark;
  mark.set("100-1");
  mark.set(std::string(in_flight_mark::id_bytes_max + 1, 'x'));
  BOOST_CHECK_EQUAL(mark.read(), "");
  const std::string longest(in_flight_mark::id_bytes_max, 'x');
  mark.set(longest);
  BOOST_CHECK_EQUAL(mark.read(), longest);
}

BOOST_AUTO_TEST_CASE(survives_a_killed_process) {
  const temporary_folder folder;
  const auto child = ::fork();
  if (child == 0) {
    auto mark = in_flight_mark::open(folder.path());
    if (!mark)
      ::_exit(1);
    mark->set("99-1");
    mark->set("100-1");
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  BOOST_CHECK(WIFSIGNALED(status));
  auto mark = in_flight_mark::open(folder.path()).value();
  BOOST_CHECK_EQUAL(mark.read(), "100-1");
  mark.clear();
  BOOST_CHECK_EQUAL(in_flight_mark::open(folder.path())->read(), "");
}

BOOST_AUTO_TEST_CASE(a_torn_mark_reads_as_empty) {
  const temporary_folder folder;
  in_flight_mark::open(folder.path())->set("100-1");
  std::fstream file{folder.file("in_flight"),
                    std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(9);
  file.put('9');
  file.close();
  BOOST_CHECK_EQUAL(in_flight_mark::open(folder.path())->read(), "");
}

BOOST_AUTO_TEST_CASE(names_the_file_that_it_cannot_open) {
  const auto mark = in_flight_mark::open("/nonexistent");
  BOOST_REQUIRE(!mark);
  BOOST_CHECK(mark.error().code == errc::storage_failure);
  BOOST_CHECK_NE(mark.error().message.find("/nonexistent/in_flight"),
                 std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
