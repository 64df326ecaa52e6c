#include "http/unix_socket.hpp"

#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace provision {

namespace {

error refused(const std::string& path, const std::string& why, int detail = 0) {
  return {errc::invalid_configuration, "cannot listen at " + path + ": " + why,
          detail};
}

error refused(const std::string& path) {
  int number = errno;
  return refused(path, std::strerror(number), number);
}

/// Whether somebody answers at `address`.
bool is_served(const sockaddr_un& address) {
  int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool served = ::connect(probe, reinterpret_cast<const sockaddr*>(&address),
                          sizeof address)
                  == 0
                || errno == EAGAIN;
  ::close(probe);
  return served;
}

/// Makes room for a new socket at the path.
error clear(const std::string& path, const sockaddr_un& address) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0)
    return errno == ENOENT ? error{} : refused(path);
  if (!S_ISSOCK(facts.st_mode))
    return refused(path, "there is a file that is no socket");
  if (is_served(address))
    return refused(path, "another process serves it");
  return ::unlink(path.c_str()) == 0 ? error{} : refused(path);
}

} // namespace

unix_path::~unix_path() {
  if (socket_ >= 0)
    ::close(socket_);
  remove();
}

void unix_path::remove() noexcept {
  if (!path_.empty())
    ::unlink(path_.c_str());
  path_.clear();
}

expected<unix_path> bind_unix_path(const std::string& path, unsigned mode) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path)
    return fail(refused(path, "the path has more than "
                                + std::to_string(sizeof address.sun_path - 1)
                                + " bytes; choose a shorter one"));
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (auto failure = clear(path, address))
    return fail(std::move(failure));
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return fail(refused(path));
  // Linux gives the file the socket's own mode, less the umask: there is no
  // moment in which others may connect.
  ::fchmod(fd, mode);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address)
      != 0) {
    auto failure = refused(path);
    ::close(fd);
    return fail(std::move(failure));
  }
  unix_path bound{path, fd};
  // What the umask took away.
  if (::chmod(path.c_str(), mode) != 0 || ::listen(fd, SOMAXCONN) != 0)
    return fail(refused(path));
  return bound;
}

std::optional<http_peer> peer_of(int socket) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
    return std::nullopt;
  http_peer peer{.user = who.uid, .groups = {who.gid}, .process = who.pid};
  constexpr std::size_t groups_max = 1024;
  std::vector<gid_t> more(groups_max);
  size = static_cast<socklen_t>(more.size() * sizeof(gid_t));
  // A process with more groups than that is judged by its first one.
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, more.data(), &size) == 0)
    peer.groups.insert(peer.groups.end(), more.begin(),
                       more.begin()
                         + static_cast<std::ptrdiff_t>(size / sizeof(gid_t)));
  return peer;
}

void turn_away(int socket) {
  static constexpr std::string_view answer
    = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n"
      "Content-Length: 73\r\nConnection: close\r\n\r\n"
      "{\"error\":{\"code\":\"forbidden\",\"message\":\"you may not talk to "
      "this "
      "node\"}}\n";
  ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::uint16_t port_of(const sockaddr_storage& address) noexcept {
  if (address.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

} // namespace provision
