#include "backends/host/reloadable_server.hpp"

#include <array>
#include <csignal>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using state = process_facts::state;
using steady = std::chrono::steady_clock;

constexpr int turn_ms = 5;
/// More than any of them says.
constexpr std::size_t answer_bytes_max = 4096;

bool is_up(state is) {
  return is == state::running || is == state::pausing;
}

expected<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path)
    return fail(errc::invalid_configuration,
                path
                  + ": is too long a path for a socket; choose a shorter "
                    "node.data_dir");
  std::memcpy(static_cast<char*>(name.sun_path), path.data(), path.size());
  return name;
}

file_descriptor connect_to(const std::string& path) {
  const auto name = address_of(path);
  file_descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  constexpr timeval patience{.tv_sec = 1, .tv_usec = 0};
  if (!name || !socket
      || ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                      sizeof patience)
           != 0
      || ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&*name),
                   sizeof *name)
           != 0)
    socket.close();
  return socket;
}

/// All that is said until the other side ends.
std::string hear(const file_descriptor& socket) {
  std::string said;
  std::array<char, 1024> chunk{};
  while (said.size() < answer_bytes_max) {
    const auto got = ::recv(socket.number(), chunk.data(), chunk.size(), 0);
    if (got <= 0)
      break;
    said.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return said;
}

} // namespace

error reloadable_server::check_paths() const {
  const auto fits = address_of(traits_.socket);
  return fits ? error{} : fits.error();
}

error reloadable_server::take_over(
  const shim::process_spec& spec, const std::string& generation,
  const std::function<void()>& on_start) const {
  const auto facts = look();
  if (facts.is == state::unknown)
    return {errc::backend_failure, facts.reason};
  if (auto stopped = pass(traits_.before_step, "start or reload"))
    return stopped;
  if (facts.is == state::running && runs_as(spec)) {
    if (auto failed = reload())
      return failed;
    return wait_for(generation);
  }
  if (auto failed = processes_.stop(traits_.id))
    return failed;
  if (auto failed = processes_.start(traits_.id, spec))
    return {errc::host_unavailable,
            traits_.id + " cannot be started: " + failed.message};
  if (on_start)
    on_start();
  return wait_for(generation);
}

std::string reloadable_server::flaw(const shim::process_spec& spec,
                                    const std::string& generation) const {
  const auto facts = look();
  if (facts.is == state::pausing)
    return traits_.id + " is about to be started again";
  if (facts.is != state::running)
    return traits_.id + " does not run: " + reason_of(facts);
  if (!runs_as(spec))
    return traits_.id + " was started by another version or other settings";
  return ask() == generation ? ""
                             : traits_.id + " runs by another configuration";
}

bool reloadable_server::runs_as(const shim::process_spec& spec) const {
  const auto found = shim::read_spec(
    shim::read_small(processes_.folder_of(traits_.id) + '/' + shim::spec_name));
  return found && *found == spec;
}

/// What it says that it runs by; empty if it does not answer.
std::string reloadable_server::ask() const {
  const auto socket = connect_to(traits_.socket);
  const auto& question = traits_.question;
  if (!socket)
    return {};
  // Whoever is asked nothing may have answered and gone already.
  if (!question.empty()
      && ::send(socket.number(), question.data(), question.size(), MSG_NOSIGNAL)
           != static_cast<ssize_t>(question.size()))
    return {};
  const auto said = hear(socket);
  // Behind the head, if it speaks HTTP.
  const auto head = said.find("\r\n\r\n");
  return head == said.npos ? said : said.substr(head + 4);
}

/// By a descriptor, so that no other process of the same number is hit.
error reloadable_server::reload() const {
  const auto before = look();
  const auto process = open_process(before.pid);
  const auto now = look();
  if (!process || now.is != state::running || now.pid != before.pid)
    return {errc::host_busy, traits_.id + " has just ended"};
  if (::syscall(SYS_pidfd_send_signal, process.number(), SIGHUP, nullptr, 0)
      != 0)
    return last_system_error("tell " + traits_.id
                             + " to read its configuration");
  return {};
}

/// Until it says so itself: nobody else tells whether it could.
error reloadable_server::wait_for(const std::string& generation) const {
  const auto until = steady::now() + traits_.patience;
  while (ask() != generation) {
    const auto facts = look();
    if (is_up(facts.is) && steady::now() < until) {
      ::poll(nullptr, 0, turn_ms);
      continue;
    }
    const auto said = processes_.last_words(traits_.id);
    return {errc::host_unavailable,
            traits_.id + " does not serve: "
              + (is_up(facts.is) ? "it does not take its configuration over"
                                 : reason_of(facts))
              + (said.empty() ? "" : "; its last words: " + said)};
  }
  return {};
}

} // namespace provision
