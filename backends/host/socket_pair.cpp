#include "backends/host/socket_pair.hpp"

#include <array>

#include <sys/socket.h>

namespace provision {

expected<socket_pair> make_sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(last_system_error("socketpair"));
  return socket_pair{file_descriptor{ends[0]}, file_descriptor{ends[1]}};
}

} // namespace provision
