#include "backends/host/file_descriptor.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace provision {

namespace {

/// Whether the next try may end otherwise (busy), whether every workload would
/// meet the same (unavailable), or whether it is about this one.
errc code_of(int number) noexcept {
  switch (number) {
  case ENOSPC:
  case EDQUOT:
    return errc::disk_full;
  case EAGAIN:
  case EBUSY:
  case EINTR:
  case ETIMEDOUT:
  case ETXTBSY:
    return errc::host_busy;
  // No memory, no descriptors, no rights, no driver, a disk that fails.
  case ENOMEM:
  case EMFILE:
  case ENFILE:
  case EPERM:
  case EACCES:
  case ENODEV:
  case ENXIO:
  case ENOSYS:
  case EOPNOTSUPP:
  case EIO:
  case EROFS:
    return errc::host_unavailable;
  default:
    return errc::backend_failure;
  }
}

} // namespace

file_descriptor::~file_descriptor() {
  close();
}

void file_descriptor::close() noexcept {
  if (number_ >= 0)
    ::close(std::exchange(number_, -1));
}

error last_system_error(std::string what) {
  return system_error(std::move(what), errno);
}

error system_error(std::string what, int number) {
  return {code_of(number),
          what + ": " + std::generic_category().message(number), number};
}

expected<std::string> read_whole(const std::string& path) {
  constexpr std::size_t size_max = 1U << 20U;
  const file_descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file)
    return fail(last_system_error("open " + path));
  std::string text;
  std::array<char, 4096> chunk{};
  for (;;) {
    const auto got = ::read(file.number(), chunk.data(), chunk.size());
    if (got == 0)
      return text;
    if (got < 0) {
      if (errno == EINTR)
        continue;
      return fail(last_system_error("read " + path));
    }
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > size_max)
      return fail(errc::input_too_large, path + " is larger than 1 MiB");
  }
}

} // namespace provision
