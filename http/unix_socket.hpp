#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "http/http_server.hpp"
#include "messages/error.hpp"

namespace provision {

/// A listening socket bound to a path of its own.
class unix_path {
public:
  unix_path() = default;
  unix_path(std::string path, int socket)
    : path_{std::move(path)}, socket_{socket} {}
  unix_path(unix_path&& other) noexcept
    : path_{std::exchange(other.path_, {})}, socket_{std::exchange(
                                               other.socket_, -1)} {}
  unix_path& operator=(unix_path&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(socket_, other.socket_);
    return *this;
  }
  ~unix_path();

  /// The socket, from now on the caller's to close.
  int release_socket() noexcept { return std::exchange(socket_, -1); }

  /// Removes the file; safe to repeat.
  void remove() noexcept;

private:
  std::string path_ = {};
  int socket_ = -1;
};

/// Binds and listens at `path`. The file has `mode` from its first moment. A
/// socket that nobody serves is replaced; errc::invalid_configuration if
/// somebody does, if the path is no socket, or too long.
expected<unix_path> bind_unix_path(const std::string& path, unsigned mode);

/// Who connected; nothing if the kernel does not say.
std::optional<http_peer> peer_of(int socket);

/// Answers 403 without waiting for the client.
void turn_away(int socket);

/// The port of an IPv4 or IPv6 address.
std::uint16_t port_of(const sockaddr_storage& address) noexcept;

} // namespace provision
