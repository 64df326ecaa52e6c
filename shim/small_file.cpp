#include "shim/small_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace provision::shim {

namespace {

constexpr std::size_t size_max = 1U << 20U;

/// Closed at the end of its scope.
struct open_file {
  explicit open_file(int opened) : number{opened} {}
  ~open_file() {
    if (number >= 0)
      ::close(number);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  int number = -1;
};

bool write_all(int file, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const auto size = ::write(file, text.data() + done, text.size() - done);
    if (size < 0 && errno != EINTR)
      return false;
    if (size > 0)
      done += static_cast<std::size_t>(size);
  }
  return true;
}

error sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? "." : path.substr(0, slash);
  const open_file place{
    ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (place.number < 0 || ::fsync(place.number) != 0)
    return errno_error("sync folder " + folder);
  return {};
}

} // namespace

error errno_error(const std::string& what) {
  const int number = errno;
  return {errc::backend_failure, what + ": " + std::strerror(number), number};
}

std::string read_small(const std::string& path) {
  const open_file file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::string result;
  std::array<char, 1024> chunk{};
  while (file.number >= 0 && result.size() < size_max) {
    const auto size = ::read(file.number, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      break;
    result.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return result;
}

error write_durably(const std::string& path, const std::string& text) {
  const auto draft = path + ".new";
  {
    const open_file file{
      ::open(draft.c_str(),
             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (file.number < 0)
      return errno_error("make file " + draft);
    if (!write_all(file.number, text) || ::fsync(file.number) != 0)
      return errno_error("write " + draft);
  }
  if (::rename(draft.c_str(), path.c_str()) != 0)
    return errno_error("rename " + draft);
  return sync_folder_of(path);
}

error write_into(const std::string& path, const std::string& text) {
  const open_file file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (file.number < 0)
    return errno_error("open " + path);
  if (!write_all(file.number, text))
    return errno_error("write " + text + " into " + path);
  return {};
}

} // namespace provision::shim
