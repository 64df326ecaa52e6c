#include "backends/host/nginx_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <sstream>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

/// More ends than fit into the window: it is started again for ever.
constexpr std::uint32_t restarts_for_ever = 1U << 20U;
constexpr std::uint64_t memory_bytes = 1ULL << 30U;
/// Each change leaves workers behind that serve what they began.
constexpr std::uint64_t tasks_max = 4096;
constexpr int turn_ms = 5;

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

/// What an nginx says that it runs by; empty if it does not answer.
std::string ask_generation(const std::string& path) {
  const auto name = address_of(path);
  const file_descriptor socket{
    ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  constexpr timeval patience{.tv_sec = 1, .tv_usec = 0};
  constexpr std::string_view question = "GET / HTTP/1.0\r\n\r\n";
  if (!name || !socket
      || ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                      sizeof patience)
           != 0
      || ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&*name),
                   sizeof *name)
           != 0
      || ::send(socket.number(), question.data(), question.size(), MSG_NOSIGNAL)
           != static_cast<ssize_t>(question.size()))
    return {};
  std::string said;
  std::array<char, 1024> chunk{};
  for (ssize_t got = 0; said.size() < chunk.size() * 4;) {
    got = ::recv(socket.number(), chunk.data(), chunk.size(), 0);
    if (got <= 0)
      break;
    said.append(chunk.data(), static_cast<std::size_t>(got));
  }
  const auto body = said.find("\r\n\r\n");
  return body == said.npos ? "" : said.substr(body + 4);
}

std::vector<int> workers_of(const process_facts& nginx) {
  const auto pid = std::to_string(nginx.pid);
  std::istringstream list{
    nginx.pid == 0
      ? ""
      : read_whole("/proc/" + pid + "/task/" + pid + "/children").value_or("")};
  return {std::istream_iterator<int>{list}, {}};
}

/// Whether a worker has ended, or takes nothing new on: then it says so in its
/// title.
bool has_retreated(int worker) {
  const auto title
    = shim::read_small("/proc/" + std::to_string(worker) + "/cmdline");
  return title.empty() || title.find("shutting down") != title.npos;
}

} // namespace

nginx_server::nginx_server(const supervised_processes& processes,
                           nginx_options options)
  : processes_{processes}, options_{std::move(options)} {
}

error nginx_server::settle(const proxies& wanted,
                           const std::function<void()>& on_start) const {
  if (wanted.empty()) {
    if (auto stopped = pass(options_.before_step, "stop nginx"))
      return stopped;
    return processes_.remove(id);
  }
  if (runs_as(spec()) && !flaw(wanted))
    return {};
  const auto config = nginx_config(options_.tools, doors(), wanted);
  if (!nginx_takes(folder()))
    return {errc::invalid_configuration,
            folder()
              + ": holds a character that nginx cannot be told; choose "
                "another node.data_dir"};
  if (const auto fits = address_of(nginx_socket(doors())); !fits)
    return fits.error();
  if (auto failed = try_out(config))
    return failed;
  const auto old = workers_of(look());
  if (auto failed = take_over(on_start))
    return failed;
  if (auto failed = wait_for(nginx_generation(config)))
    return failed;
  if (auto failed = wait_for_retreat(old))
    return failed;
  return pass(options_.before_step, "done");
}

std::optional<std::string> nginx_server::flaw(const proxies& wanted) const {
  const auto facts = look();
  if (facts.is == state::pausing)
    return "nginx is about to be started again";
  if (facts.is != state::running)
    return "nginx does not run: " + reason_of(facts);
  const auto config = nginx_config(options_.tools, doors(), wanted);
  if (ask_generation(nginx_socket(doors())) != nginx_generation(config))
    return "nginx runs by another configuration";
  return std::nullopt;
}

nginx_doors nginx_server::doors() const {
  return {.run = folder() + "/run",
          .http = options_.http_listen,
          .tls = options_.tls_listen};
}

shim::process_spec nginx_server::spec() const {
  shim::process_spec spec{
    .arguments
    = {options_.tools.nginx, "-p", folder(), "-e", "stderr", "-c", file()},
    .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
    .scratch = doors().run,
    .restart_delay = options_.restart_delay,
    .restarts_max = restarts_for_ever};
  if (options_.groups)
    options_.groups->add_to(spec, options_.node_id, id,
                            {.memory_bytes = memory_bytes, .tasks = tasks_max});
  return spec;
}

bool nginx_server::runs_as(const shim::process_spec& wanted) const {
  const auto found
    = shim::read_spec(shim::read_small(folder() + '/' + shim::spec_name));
  return found && *found == wanted;
}

/// Writes it beside the one in force and lets nginx judge it.
error nginx_server::try_out(const std::string& config) const {
  if (::mkdir(folder().c_str(), 0700) != 0 && errno != EEXIST)
    return last_system_error("make folder " + folder());
  // Nobody runs yet who would have made it.
  if (::mkdir(doors().run.c_str(), 0700) != 0 && errno != EEXIST)
    return last_system_error("make folder " + doors().run);
  if (auto stopped = pass(options_.before_step, "write configuration"))
    return stopped;
  const auto trial = file() + ".new";
  if (auto failed = shim::write_durably(trial, config))
    return failed;
  const auto judged = run(
    {.program = options_.tools.nginx,
     .arguments = {"-t", "-q", "-p", folder(), "-e", "stderr", "-c", trial}});
  if (!judged) {
    ::unlink(trial.c_str());
    return {judged.error().code, "nginx does not accept its configuration: "
                                   + judged.error().message};
  }
  if (auto stopped = pass(options_.before_step, "put configuration in force"))
    return stopped;
  if (::rename(trial.c_str(), file().c_str()) != 0)
    return last_system_error("rename " + trial);
  return {};
}

/// Makes it run by what stands in its file.
error nginx_server::take_over(const std::function<void()>& on_start) const {
  const auto facts = look();
  if (facts.is == state::unknown)
    return {errc::backend_failure, facts.reason};
  if (auto stopped = pass(options_.before_step, "start or reload nginx"))
    return stopped;
  if (facts.is == state::running && runs_as(spec()))
    return reload();
  if (auto failed = processes_.stop(id))
    return failed;
  if (auto failed = processes_.start(id, spec()))
    return {errc::host_unavailable,
            "nginx cannot be started: " + failed.message};
  if (on_start)
    on_start();
  return {};
}

/// By a descriptor, so that no other process of the same number is hit.
error nginx_server::reload() const {
  const auto before = look();
  const auto process = open_process(before.pid);
  const auto now = look();
  if (!process || now.is != state::running || now.pid != before.pid)
    return {errc::host_busy, "nginx has just ended"};
  if (::syscall(SYS_pidfd_send_signal, process.number(), SIGHUP, nullptr, 0)
      != 0)
    return last_system_error("tell nginx to read its configuration");
  return {};
}

/// Until it says so itself: at a reload it answers nobody whether it could.
error nginx_server::wait_for(const std::string& generation) const {
  const auto until = steady::now() + options_.patience;
  while (ask_generation(nginx_socket(doors())) != generation) {
    const auto facts = look();
    if (is_up(facts.is) && steady::now() < until) {
      ::poll(nullptr, 0, turn_ms);
      continue;
    }
    const auto said = processes_.last_words(id);
    return {errc::host_unavailable,
            "nginx does not serve: "
              + (is_up(facts.is) ? "it does not take its configuration over"
                                 : reason_of(facts))
              + (said.empty() ? "" : "; its last words: " + said)};
  }
  return {};
}

/// Workers of the configuration before take connections on for a moment beside
/// the new ones.
error nginx_server::wait_for_retreat(const std::vector<int>& workers) const {
  const auto until = steady::now() + options_.patience;
  while (!std::ranges::all_of(workers, has_retreated)) {
    if (steady::now() >= until)
      return {errc::host_busy, "nginx does not let its old workers go"};
    ::poll(nullptr, 0, turn_ms);
  }
  return {};
}

} // namespace provision
