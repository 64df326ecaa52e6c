#include "messages/whole_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace provision {

expected<std::string> whole_file(const std::string& path) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string bytes;
  std::array<char, 65536> chunk{};
  // Not by iterators of the stream's buffer: they throw where this tells.
  while (file.read(chunk.data(), chunk.size()), file.gcount() > 0)
    bytes.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
  if (file.is_open() && !file.bad())
    return bytes;
  auto reason = errno;
  return fail(errc::storage_failure,
              "cannot read " + path + ": "
                + (reason != 0 ? std::strerror(reason) : "input error"),
              reason);
}

} // namespace provision
