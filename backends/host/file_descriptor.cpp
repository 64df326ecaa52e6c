#include "backends/host/file_descriptor.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace provision {

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
  const auto full = number == ENOSPC || number == EDQUOT;
  return {full ? errc::disk_full : errc::backend_failure,
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
