#include "persistence/leveldb/store_lock.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace provision {

namespace {

std::string program_name() {
  std::ifstream in{"/proc/self/comm"};
  std::string name;
  std::getline(in, name);
  return name.empty() ? "unknown" : name;
}

/// "process 4711 (provisiond)", as the holder wrote it.
std::string holder_of(int file) {
  std::array<char, 128> bytes{};
  const auto size = ::pread(file, bytes.data(), bytes.size(), 0);
  std::string text{bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  const auto space = text.find(' ');
  if (space == std::string::npos)
    return "another process";
  return "process " + text.substr(0, space) + " (" + text.substr(space + 1)
         + ")";
}

error failure(const std::string& path, const char* verb) {
  return {errc::storage_failure,
          std::string{"cannot "} + verb + " " + path + ": "
            + std::strerror(errno),
          errno};
}

} // namespace

expected<store_lock> store_lock::acquire(const std::string& folder) {
  const auto path = folder + "/provision.lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(failure(path, "open"));
  store_lock held{file};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return fail(failure(path, "lock"));
    return fail(errc::storage_locked,
                "store " + folder + " is in use by " + holder_of(file)
                  + "; stop it first",
                EWOULDBLOCK);
  }
  // Only a hint for a second instance: a full disk must not stop this one.
  const auto line = std::to_string(::getpid()) + " " + program_name() + "\n";
  if (::ftruncate(file, 0) == 0)
    (void)!::pwrite(file, line.data(), line.size(), 0);
  return held;
}

store_lock::~store_lock() {
  if (file_ >= 0)
    ::close(file_);
}

} // namespace provision
