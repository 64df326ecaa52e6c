#include "daemon/service_manager.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "logging/log.hpp"

namespace provision {

void service_manager::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + std::string{status});
}

void service_manager::reloading() const {
  // systemd compares it with when it sent the signal.
  auto now = std::chrono::duration_cast<std::chrono::microseconds>(
    std::chrono::steady_clock::now().time_since_epoch());
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

void service_manager::starting(std::string_view status,
                               std::chrono::seconds more) const {
  auto span = std::chrono::duration_cast<std::chrono::microseconds>(more);
  send("EXTEND_TIMEOUT_USEC=" + std::to_string(span.count())
       + "\nSTATUS=" + std::string{status});
}

void service_manager::alive() const {
  send("WATCHDOG=1");
}

void service_manager::stopping() const {
  send("STOPPING=1");
}

void service_manager::status(std::string_view text) const {
  send("STATUS=" + std::string{text});
}

void service_manager::send(const std::string& message) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path)
    return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // A leading "@" stands for the abstract namespace.
  if (address.sun_path[0] == '@')
    address.sun_path[0] = '\0';
  int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  // A manager that does not read must not keep the daemon from ending.
  timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  auto length
    = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  auto sent = ::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL,
                       reinterpret_cast<const sockaddr*>(&address), length);
  if (sent < 0)
    log::warn("the service manager cannot be told how the daemon is");
  ::close(fd);
}

std::optional<std::chrono::microseconds>
watchdog_period(const char* microseconds, const char* process,
                int own_process) {
  if (!microseconds)
    return std::nullopt;
  if (process && std::to_string(own_process) != process)
    return std::nullopt;
  std::int64_t period = 0;
  std::string_view text{microseconds};
  auto [end, failure]
    = std::from_chars(text.data(), text.data() + text.size(), period);
  if (failure != std::errc{} || end != text.data() + text.size() || period <= 0)
    return std::nullopt;
  return std::chrono::microseconds{period};
}

} // namespace provision
