#include "backends/host/process_mutex.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "tests/support/patience.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace provision;
using namespace provision::test;

namespace process_mutex_test {
namespace {

struct one_file {
  scratch_folder folder = {};
  std::string path = folder.path() + "/pool.lock";

  /// Whether somebody holds it, as a third would find.
  bool is_held() const {
    const file_descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    return ::flock(file.number(), LOCK_EX | LOCK_NB) != 0;
  }
};

} // namespace
} // namespace process_mutex_test

BOOST_FIXTURE_TEST_SUITE(process_mutex_test, one_file)

BOOST_AUTO_TEST_CASE(two_that_name_one_file_exclude_one_another) {
  process_mutex first{path};
  process_mutex second{path};
  BOOST_REQUIRE(!first.trouble());
  std::atomic<bool> entered = false;
  std::unique_ptr<std::thread> other;
  {
    const std::lock_guard hold{first};
    other = std::make_unique<std::thread>([&] {
      const std::lock_guard also{second};
      entered = true;
    });
    BOOST_CHECK(stays([&] { return !entered; }, 50ms));
  }
  other->join();
  BOOST_CHECK(entered);
  BOOST_CHECK(!is_held());
}

BOOST_AUTO_TEST_CASE(threads_of_one_process_exclude_one_another) {
  process_mutex mutex{path};
  int inside = 0;
  int most = 0;
  const auto work = [&] {
    for (int i = 0; i < 1000; ++i) {
      const std::lock_guard hold{mutex};
      most = std::max(most, ++inside);
      --inside;
    }
  };
  std::thread other{work};
  work();
  other.join();
  BOOST_CHECK_EQUAL(most, 1);
}

BOOST_AUTO_TEST_CASE(a_process_that_is_killed_lets_go) {
  const auto holder = ::fork();
  if (holder == 0) {
    process_mutex mutex{path};
    mutex.lock();
    for (;;)
      ::pause();
  }
  BOOST_REQUIRE(
    eventually([&] { return ::access(path.c_str(), F_OK) == 0 && is_held(); }));
  ::kill(holder, SIGKILL);
  process_mutex mutex{path};
  { const std::lock_guard hold{mutex}; }
  ::waitpid(holder, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_made_is_told_of) {
  const process_mutex mutex{folder.path() + "/none/pool.lock"};
  BOOST_CHECK(mutex.trouble().message.find("none/pool.lock")
              != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
