#pragma once

#include "backends/host/file_descriptor.hpp"
#include "messages/error.hpp"

namespace provision {

/// Two ends of one connection, a stream without port and path.
struct socket_pair {
  file_descriptor ours;
  file_descriptor theirs;
};

expected<socket_pair> make_sockets();

} // namespace provision
