#include "backends/host/process_mutex.hpp"

#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>

namespace provision {

namespace {

/// The kernel was short of memory for a moment.
constexpr std::chrono::milliseconds pause{10};

constexpr mode_t owner_only = 0600;

} // namespace

process_mutex::process_mutex(const std::string& path)
  : file_{::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                 owner_only)} {
  if (!file_)
    trouble_ = last_system_error("open " + path);
}

void process_mutex::lock() {
  // A lock of a file is one for all threads that share its descriptor.
  mutex_.lock();
  while (::flock(file_.number(), LOCK_EX) != 0)
    if (errno == ENOLCK)
      std::this_thread::sleep_for(pause);
    else if (errno != EINTR)
      return;
}

void process_mutex::unlock() noexcept {
  ::flock(file_.number(), LOCK_UN);
  mutex_.unlock();
}

} // namespace provision
