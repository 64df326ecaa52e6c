#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/file_descriptor.hpp"
#include "backends/host/mounts.hpp"
#include "backends/host/step_hook.hpp"
#include "tests/support/patience.hpp"

namespace provision::test {

constexpr std::uint64_t mebibyte = 1U << 20U;

/// A fresh folder for pools. At its end everything is unmounted and removed,
/// also if the test failed, and it is checked that no mount and no loop device
/// of it stays.
class scratch_pool {
public:
  scratch_pool() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "volumes-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = std::filesystem::canonical(pattern).string();
  }

  ~scratch_pool() {
    const auto released = release_pool(pool());
    BOOST_CHECK_MESSAGE(!released, to_string(released));
    // A program that happens to have a copy of the mounts, as every `ip -n`
    // does, keeps the devices a moment longer.
    const bool gone = is_released();
    BOOST_CHECK_MESSAGE(gone, "left behind: " + traces());
    // Never reach through a mount that is still there.
    std::error_code code;
    if (gone)
      std::filesystem::remove_all(root_, code);
    BOOST_CHECK(!code);
  }

  scratch_pool(const scratch_pool&) = delete;
  scratch_pool& operator=(const scratch_pool&) = delete;

  std::string pool() const { return root_ + "/pool"; }
  const std::string& root() const { return root_; }

  /// Mounts and loop devices go in a moment, unless another process has a copy
  /// of the mounts.
  bool is_released() const {
    return eventually([&] { return traces().empty(); });
  }

  /// Mounts in and loop devices of this folder.
  std::string traces() const {
    std::string result;
    const auto all = mounts();
    if (!all)
      return to_string(all.error());
    for (const auto& mount : *all)
      if (mount.point.starts_with(root_))
        result += mount.point + ' ';
    for (const auto& block :
         std::filesystem::directory_iterator{"/sys/block"}) {
      const auto file
        = read_whole(block.path().string() + "/loop/backing_file");
      if (file && file->starts_with(root_))
        result += *file + ' ';
    }
    return result;
  }

private:
  std::string root_;
};

/// Another process with a copy of today's mounts, cut off from what happens to
/// them later, as a container has.
class mounts_copy {
public:
  mounts_copy() {
    int ready[2] = {};
    BOOST_REQUIRE_EQUAL(::pipe2(ready, O_CLOEXEC), 0);
    child_ = ::fork();
    BOOST_REQUIRE(child_ >= 0);
    if (child_ == 0) {
      const bool copied = ::unshare(CLONE_NEWNS) == 0
                          && ::mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0;
      if (::write(ready[1], copied ? "y" : "n", 1) == 1)
        ::pause();
      ::_exit(1);
    }
    char answer = 'n';
    BOOST_CHECK_EQUAL(::read(ready[0], &answer, 1), 1);
    BOOST_CHECK_EQUAL(answer, 'y');
    ::close(ready[0]);
    ::close(ready[1]);
  }

  ~mounts_copy() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

  mounts_copy(const mounts_copy&) = delete;
  mounts_copy& operator=(const mounts_copy&) = delete;

private:
  ::pid_t child_ = -1;
};

/// Text of the error, if any.
template <class T>
std::string why(const expected<T>& value) {
  return value ? std::string{} : to_string(value.error());
}

/// Whether tests that need root can run; says so if not.
inline boost::test_tools::assertion_result
root_is_there(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result{::geteuid() == 0};
  result.message() << "needs root for mounts and loop devices";
  if (!result)
    std::cout << "SKIP: needs root for mounts and loop devices\n";
  return result;
}

/// Writes `bytes` into a new file; 0 or the errno of the refusal.
inline int write_file(const std::string& path, std::uint64_t bytes) {
  const file_descriptor file{
    ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  if (!file)
    return errno;
  const std::vector<char> chunk(1U << 16U, 'x');
  for (std::uint64_t written = 0; written < bytes; written += chunk.size())
    if (::write(file.number(), chunk.data(), chunk.size()) < 0)
      return errno;
  return ::fsync(file.number()) == 0 ? 0 : errno;
}

/// Passes `count` steps, then stops at every further one.
struct steps {
  int left = 1000;

  step_hook hook() {
    return [this](std::string_view step) {
      if (left-- > 0)
        return error{};
      return error{errc::backend_failure, "broken off at " + std::string{step}};
    };
  }
};

using opener
  = std::function<expected<std::unique_ptr<volume_backend>>(step_hook)>;

/// Breaks `action` off at its first, second, ... step until it gets through;
/// after each time a new back-end looks at what is left.
inline void
break_off_everywhere(const opener& open,
                     const std::function<error(volume_backend&)>& action,
                     const std::function<void(volume_backend&)>& afterwards) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 50);
    steps counted{passed};
    error err;
    if (auto first = open(counted.hook()); first)
      err = action(**first);
    else
      err = first.error();
    BOOST_TEST_CONTEXT("broken off after " << passed << " steps") {
      auto second = open({});
      BOOST_REQUIRE_MESSAGE(second, why(second));
      afterwards(**second);
    }
    if (!err)
      return;
  }
}

} // namespace provision::test
