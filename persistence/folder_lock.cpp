#include "persistence/folder_lock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

namespace provision {

namespace {

/// How often, and how long each time, a lock whose holder is gone is waited
/// for.
constexpr int tries_max = 200;
constexpr int pause_ms = 10;

std::string name_of(const std::string& process) {
  std::ifstream in{"/proc/" + process + "/comm"};
  std::string name;
  std::getline(in, name);
  return name;
}

/// Who holds a lock, as the holder wrote it.
struct holder {
  std::string process = {};
  std::string name = {};

  static holder in(int file) {
    std::array<char, 128> bytes{};
    const auto size = ::pread(file, bytes.data(), bytes.size(), 0);
    std::string text{bytes.data(),
                     size > 0 ? static_cast<std::size_t>(size) : 0};
    text.resize(std::min(text.size(), text.find('\n')));
    const auto space = text.find(' ');
    if (space == std::string::npos)
      return {};
    return {text.substr(0, space), text.substr(space + 1)};
  }

  bool lives() const { return !process.empty() && name_of(process) == name; }

  /// "process 4711 (provisiond)".
  std::string told() const {
    return process.empty() ? "another process"
                           : "process " + process + " (" + name + ")";
  }
};

/// Between the birth of a child and the program that it becomes, the child has
/// all files of its parent, locked ones, too. If the parent dies then, the lock
/// outlives it for that moment.
bool lock_in_time(int file) {
  for (int tries = 0; ::flock(file, LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno == EINTR)
      continue;
    if (errno != EWOULDBLOCK)
      return false;
    if (tries == tries_max || holder::in(file).lives()) {
      errno = EWOULDBLOCK;
      return false;
    }
    ::poll(nullptr, 0, pause_ms);
  }
  return true;
}

/// Only a hint for a second process: a full disk must not stop this one.
void sign(int file) {
  const auto own = std::to_string(::getpid());
  const auto line = own + " " + name_of(own) + "\n";
  if (::ftruncate(file, 0) == 0)
    (void)!::pwrite(file, line.data(), line.size(), 0);
}

error failure(const std::string& path, const char* verb) {
  return {errc::storage_failure,
          std::string{"cannot "} + verb + " " + path + ": "
            + std::strerror(errno),
          errno};
}

} // namespace

expected<folder_lock> folder_lock::acquire(const std::string& what,
                                           const std::string& folder,
                                           const std::string& file_name) {
  const auto path = folder + "/" + file_name;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(failure(path, "open"));
  folder_lock held{file};
  if (!lock_in_time(file)) {
    if (errno != EWOULDBLOCK)
      return fail(failure(path, "lock"));
    return fail(errc::storage_locked,
                what + " " + folder + " is in use by " + holder::in(file).told()
                  + "; stop it first",
                EWOULDBLOCK);
  }
  sign(file);
  return held;
}

folder_lock::~folder_lock() {
  if (file_ >= 0)
    ::close(file_);
}

expected<folder_lock> lock_store(const std::string& folder) {
  return folder_lock::acquire("store", folder, "provision.lock");
}

} // namespace provision
