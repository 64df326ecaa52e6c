#include "persistence/folder_lock.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/persistence/builders.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;

namespace folder_lock_test {
namespace {

/// A process that took the lock and died while a child of its was not yet
/// another program.
struct orphaned_lock {
  temporary_folder folder = {};
  std::array<int, 2> word = {};
  pid_t holder = 0;

  expected<folder_lock> acquire() {
    return folder_lock::acquire("store", folder.path(), "lock");
  }

  orphaned_lock() {
    BOOST_REQUIRE_EQUAL(::pipe(word.data()), 0);
    holder = ::fork();
    if (holder == 0) {
      const auto held = acquire();
      if (::fork() == 0)
        be_the_child();
      ::_exit(held ? 0 : 1);
    }
    ::close(word[0]);
    int status = 0;
    ::waitpid(holder, &status, 0);
    BOOST_REQUIRE_EQUAL(status, 0);
  }

  ~orphaned_lock() {
    if (word[1] >= 0)
      ::close(word[1]);
  }

  /// Lives until it is told to become its program, and for a moment more; or
  /// until nobody is left to tell it.
  [[noreturn]] void be_the_child() const {
    ::close(word[1]);
    constexpr int moment_ms = 50;
    char told = 0;
    if (::read(word[0], &told, 1) == 1)
      ::poll(nullptr, 0, moment_ms);
    ::_exit(0);
  }
};

} // namespace
} // namespace folder_lock_test

BOOST_FIXTURE_TEST_SUITE(folder_lock_test, orphaned_lock)

BOOST_AUTO_TEST_CASE(a_lock_left_to_a_newborn_child_is_waited_for) {
  BOOST_REQUIRE_EQUAL(::write(word[1], "x", 1), 1);
  const auto lock = acquire();
  BOOST_CHECK_MESSAGE(lock, lock.error().message);
}

BOOST_AUTO_TEST_CASE(
  a_lock_that_the_child_keeps_is_refused_naming_who_took_it) {
  const auto lock = acquire();
  BOOST_REQUIRE(!lock);
  BOOST_CHECK(lock.error().code == errc::storage_locked);
  says(lock.error().message,
       "in use by process " + std::to_string(holder) + " (");
}

BOOST_AUTO_TEST_CASE(who_lives_is_not_waited_for) {
  temporary_folder other;
  const auto first = folder_lock::acquire("store", other.path(), "lock");
  const auto second = folder_lock::acquire("store", other.path(), "lock");
  BOOST_REQUIRE(first);
  BOOST_REQUIRE(!second);
  says(second.error().message, "store " + other.path().string()
                                 + " is in use by process "
                                 + std::to_string(::getpid()) + " (");
}

BOOST_AUTO_TEST_SUITE_END()
