#include "backends/host/qemu_monitor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <simdjson.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace provision {

namespace {

/// A line is a small object; more is not QEMU talking.
constexpr std::size_t line_bytes_max = 64U << 10U;

error connect_to(int socket, const std::string& path) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path)
    return {errc::invalid_configuration,
            path + ": is too long for a socket's name"};
  path.copy(name.sun_path, path.size());
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name)
      != 0)
    return last_system_error("connect to " + path);
  return {};
}

std::string text_of(const simdjson::dom::element& answer, const char* first,
                    const char* second) {
  std::string_view text;
  if (answer[first][second].get(text) != simdjson::SUCCESS)
    return {};
  return std::string{text};
}

} // namespace

expected<qemu_monitor>
qemu_monitor::connect(const std::string& path,
                      std::chrono::milliseconds patience) {
  file_descriptor socket{
    ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket)
    return fail(last_system_error("make a socket"));
  if (auto failed = connect_to(socket.number(), path))
    return fail(failed);
  qemu_monitor monitor{std::move(socket), patience};
  if (const auto greeting = monitor.hear(); !greeting)
    return fail(greeting.error());
  if (const auto ready = monitor.ask("qmp_capabilities"); !ready)
    return fail(ready.error());
  return monitor;
}

/// The next line.
expected<std::string> qemu_monitor::hear() {
  for (;;) {
    if (const auto end = heard_.find('\n'); end != std::string::npos) {
      auto line = heard_.substr(0, end);
      heard_.erase(0, end + 1);
      return line;
    }
    if (heard_.size() > line_bytes_max)
      return fail(errc::backend_failure, "QEMU's monitor talks too much");
    pollfd event{socket_.number(), POLLIN, 0};
    const auto ready = ::poll(&event, 1, static_cast<int>(patience_.count()));
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0)
      return fail(errc::deadline_exceeded, "QEMU's monitor does not answer");
    std::array<char, 4096> chunk{};
    const auto size = ::recv(socket_.number(), chunk.data(), chunk.size(), 0);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (size <= 0)
      return fail(errc::backend_failure, "QEMU's monitor hung up");
    heard_.append(chunk.data(), static_cast<std::size_t>(size));
  }
}

/// The answer to a command without arguments; events in between are passed
/// over.
expected<std::string> qemu_monitor::ask(std::string_view command) {
  const auto text = "{\"execute\":\"" + std::string{command} + "\"}\n";
  // A new conversation's buffer is empty, so a line goes out at once.
  if (::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL)
      != static_cast<ssize_t>(text.size()))
    return fail(last_system_error("talk to QEMU's monitor"));
  for (;;) {
    auto line = hear();
    if (!line)
      return line;
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    if (parser.parse(*line).get(answer) != simdjson::SUCCESS)
      return fail(errc::backend_failure, "QEMU's monitor does not speak JSON");
    if (answer["event"].error() == simdjson::SUCCESS)
      continue;
    if (answer["return"].error() == simdjson::SUCCESS)
      return line;
    return fail(errc::backend_failure, "QEMU refuses " + std::string{command}
                                         + ": "
                                         + text_of(answer, "error", "desc"));
  }
}

expected<qemu_status> qemu_monitor::status() {
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  qemu_status result;
  const auto state = ask("query-status");
  if (!state)
    return fail(state.error());
  if (parser.parse(*state).get(answer) == simdjson::SUCCESS)
    result.state = text_of(answer, "return", "status");
  const auto uuid = ask("query-uuid");
  if (!uuid)
    return fail(uuid.error());
  if (parser.parse(*uuid).get(answer) == simdjson::SUCCESS)
    result.uuid = text_of(answer, "return", "UUID");
  if (result.state.empty() || result.uuid.empty())
    return fail(errc::backend_failure, "QEMU's monitor answers something else");
  return result;
}

error qemu_monitor::press_power_button() {
  const auto done = ask("system_powerdown");
  return done ? error{} : done.error();
}

} // namespace provision
