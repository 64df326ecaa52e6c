#include "ctl/api_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace provision::ctl {

namespace {

/// More than any answer of the API has.
constexpr std::size_t answer_bytes_max = 64U << 20U;

class connection {
public:
  connection() = default;
  explicit connection(int fd) : fd_{fd} {}
  connection(connection&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  connection& operator=(connection&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~connection() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  int fd() const noexcept { return fd_; }

private:
  int fd_ = -1;
};

std::string remedy(int number) {
  if (number == ENOENT || number == ECONNREFUSED)
    return "; is provisiond running, and is this its socket (--socket, "
           "--data-dir)?";
  if (number == EACCES)
    return "; ask as root, or as a member of a group of the node's [api] "
           "settings";
  return "";
}

expected<connection> connect(const std::string& path,
                             std::chrono::milliseconds patience) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path)
    return fail(errc::invalid_configuration, path + ": the path is too long");
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  connection made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  timeval span{.tv_sec = seconds.count(), .tv_usec = 0};
  ::setsockopt(made.fd(), SOL_SOCKET, SO_RCVTIMEO, &span, sizeof span);
  ::setsockopt(made.fd(), SOL_SOCKET, SO_SNDTIMEO, &span, sizeof span);
  if (::connect(made.fd(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address)
      != 0) {
    int number = errno;
    return fail(errc::explorer_unreachable,
                path + ": " + std::strerror(number) + remedy(number), number);
  }
  return made;
}

error send_all(const connection& to, std::string_view text) {
  while (!text.empty()) {
    auto sent = ::send(to.fd(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      // It may have answered before it read all: look at what it says.
      return {};
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

/// HTTP/1.0: the body is all up to the end of the connection.
std::string request_text(std::string_view method, std::string_view target,
                         std::string_view headers, std::string_view body) {
  std::string text{method};
  text.append(" ").append(target).append(" HTTP/1.0\r\nHost: localhost\r\n");
  text.append(headers);
  if (method == "POST")
    text += "Content-Type: application/json\r\nContent-Length: "
            + std::to_string(body.size()) + "\r\n";
  return text.append("\r\n").append(body);
}

/// The status of an answer's first line; 0 if it is none.
int status_of(std::string_view head) {
  int status = 0;
  auto space = head.find(' ');
  if (!head.starts_with("HTTP/1.") || space == std::string_view::npos)
    return 0;
  std::from_chars(head.data() + space + 1, head.data() + head.size(), status);
  return status;
}

/// Reads to the end, handing the body over as it comes; the status.
expected<int> receive(const connection& from,
                      const std::function<bool(std::string_view)>& use) {
  std::string head;
  std::size_t head_end = std::string::npos;
  char buffer[16384];
  for (;;) {
    auto size = ::recv(from.fd(), buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return fail(errc::deadline_exceeded, "the daemon does not answer");
    if (size <= 0)
      break;
    std::string_view piece{buffer, static_cast<std::size_t>(size)};
    if (head_end == std::string::npos) {
      head += piece;
      head_end = head.find("\r\n\r\n");
      if (head_end == std::string::npos)
        continue;
      piece = std::string_view{head}.substr(head_end + 4);
    }
    if (!piece.empty() && !use(piece))
      break;
  }
  int status = status_of(head);
  if (status == 0)
    return fail(errc::malformed_input,
                "what answers at the socket is no provisiond");
  return status;
}

expected<api_reply> ask(const connection& with, std::string_view request) {
  if (auto failure = send_all(with, request))
    return fail(std::move(failure));
  api_reply reply;
  auto status = receive(with, [&reply](std::string_view piece) {
    reply.body += piece;
    return reply.body.size() < answer_bytes_max;
  });
  if (!status)
    return fail(status.error());
  reply.status = *status;
  return reply;
}

} // namespace

expected<api_reply> api_client::get(std::string_view target) const {
  auto with = connect(path_, patience_);
  if (!with)
    return fail(with.error());
  return ask(*with, request_text("GET", target, {}, {}));
}

expected<api_reply> api_client::post(std::string_view target,
                                     std::string_view body) const {
  auto with = connect(path_, std::chrono::milliseconds{0});
  if (!with)
    return fail(with.error());
  return ask(*with, request_text("POST", target, {}, body));
}

expected<int>
api_client::follow(std::string_view target, std::string_view headers,
                   const std::function<bool(std::string_view)>& use) const {
  // A quiet node sends a comment every ten seconds.
  auto with = connect(path_, std::chrono::seconds{60});
  if (!with)
    return fail(with.error());
  if (auto failure = send_all(*with, request_text("GET", target, headers, {})))
    return fail(std::move(failure));
  return receive(*with, use);
}

std::string escape(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string safe;
  for (char c : text) {
    bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'
                    || c == '.';
    auto byte = static_cast<unsigned char>(c);
    if (is_plain)
      safe += c;
    else
      safe.append("%")
        .append(1, digits[byte >> 4U])
        .append(1, digits[byte & 15U]);
  }
  return safe;
}

} // namespace provision::ctl
