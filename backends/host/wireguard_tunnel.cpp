#include "backends/host/wireguard_tunnel.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <sstream>

#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/file_descriptor.hpp"
#include "backends/host/net_space.hpp"

namespace provision {

namespace {

using steady = std::chrono::steady_clock;

/// How long wireguard-go may take to begin and to end.
constexpr std::chrono::milliseconds process_patience{5000};

std::string socket_of(const std::string& name) {
  return "/var/run/wireguard/" + name + ".sock";
}

/// As an error, and to the point.
error wrap(const expected<command_output>& done) {
  return done ? error{} : done.error();
}

error run_ip(const network_tools& tools, std::vector<std::string> words) {
  return wrap(run({.program = tools.ip, .arguments = std::move(words)}));
}

/// 1 ms or until the process behind `process` ends.
void pause_for(const file_descriptor& process) {
  pollfd event{process.number(), POLLIN, 0};
  ::poll(&event, process ? 1 : 0, 1);
}

bool ends_within(const file_descriptor& process,
                 std::chrono::milliseconds patience) {
  pollfd event{process.number(), POLLIN, 0};
  return ::poll(&event, 1, static_cast<int>(patience.count())) > 0;
}

/// Asks the process to end, and ends it if it does not. It takes its device
/// along.
error end_process(const std::string& name, const file_descriptor& process) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    ::syscall(SYS_pidfd_send_signal, process.number(), signal, nullptr, 0);
    if (ends_within(process, process_patience)) {
      reap(process);
      return {};
    }
  }
  return {errc::host_unavailable,
          "wireguard-go of " + name + " does not end even when killed"};
}

error start_process(const network_tools& tools, const tunnel_place& place) {
  // Launched from inside the underlay, because a socket stays where it was
  // opened. In the foreground, so that its end is the end of our child.
  const auto process = net_space::ask(place.underlay, [&] {
    return launch(
      {.program = tools.wireguard_go, .arguments = {"-f", place.name}});
  });
  if (!process)
    return process.error();
  const auto deadline = steady::now() + process_patience;
  while (steady::now() < deadline) {
    if (const auto there = tunnel_process(place.name); there && *there != 0)
      return {};
    if (reap(*process))
      return {errc::host_unavailable,
              "wireguard-go of " + place.name + " ended at once"};
    pause_for(*process);
  }
  end_process(place.name, *process);
  return {errc::host_busy,
          "wireguard-go of " + place.name + " does not answer"};
}

/// Deletes the device where it stands, if it does.
error remove_device(const network_tools& tools, const std::string& space,
                    const std::string& name) {
  if (!space.empty() && net_space::look(space) != presence::present)
    return {};
  return net_space::ask(space, [&]() -> error {
    if (::if_nametoindex(name.c_str()) == 0)
      return errno == ENODEV ? error{} : last_system_error("look for " + name);
    return run_ip(tools, {"link", "delete", name});
  });
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in{std::string{text}};
  for (std::string part; std::getline(in, part, separator);)
    parts.push_back(part);
  return parts;
}

template <class Number>
Number number_of(const std::string& text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Whether the device is in its router, and its process, if it has one, runs.
expected<bool> serves(const network_tools& tools, const tunnel_place& place,
                      const std::vector<link_facts>& links) {
  if (find_link(links, place.name) == nullptr || tools.wireguard_go.empty())
    return find_link(links, place.name) != nullptr;
  const auto process = tunnel_process(place.name);
  if (!process)
    return fail(process.error());
  return *process != 0;
}

} // namespace

bool tunnel_facts::serves(const std::string& key, std::uint16_t port,
                          const std::vector<tunnel_peer>& wanted) const {
  return public_key == key && listen_port == port
         && std::ranges::equal(wanted, peers, [](const auto& a, const auto& b) {
              return a.public_key == b.public_key && a.allowed == b.allowed;
            });
}

expected<bool> ensure_tunnel(const network_tools& tools,
                             const tunnel_place& place,
                             const std::vector<link_facts>& links,
                             const secret& configuration,
                             const step_hook& before_step) {
  const auto is_there = serves(tools, place, links);
  if (!is_there)
    return is_there;
  if (!*is_there) {
    if (auto stopped = pass(before_step, "make tunnel"))
      return fail(stopped);
    if (auto failed = make_tunnel(tools, place))
      return fail(failed);
  }
  if (auto stopped = pass(before_step, "set up tunnel"))
    return fail(stopped);
  if (auto failed = configure_tunnel(tools, place, configuration))
    return fail(failed);
  return !*is_there;
}

expected<int> tunnel_process(const std::string& name) {
  const file_descriptor socket{
    ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket)
    return fail(last_system_error("make a socket"));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  socket_of(name).copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket.number(), reinterpret_cast<sockaddr*>(&address),
                sizeof address)
      != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED)
      return 0;
    return fail(last_system_error("connect to " + socket_of(name)));
  }
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return fail(last_system_error("ask who serves " + name));
  return peer.pid;
}

error make_tunnel(const network_tools& tools, const tunnel_place& place) {
  if (auto failed = remove_tunnel(tools, place))
    return failed;
  if (!tools.wireguard_go.empty()) {
    if (auto failed = start_process(tools, place))
      return failed;
  }
  return net_space::ask(place.underlay, [&]() -> error {
    if (tools.wireguard_go.empty())
      if (auto failed
          = run_ip(tools, {"link", "add", place.name, "type", "wireguard"}))
        return failed;
    return run_ip(tools, {"link", "set", place.name, "netns", place.router});
  });
}

error configure_tunnel(const network_tools& tools, const tunnel_place& place,
                       const secret& configuration) {
  command sync{.program = tools.wg,
               .arguments = {"syncconf", place.name, "/dev/stdin"},
               .input = std::string{configuration.reveal()}};
  auto failed = net_space::ask(place.router, [&] { return wrap(run(sync)); });
  wipe(sync.input);
  return failed;
}

expected<tunnel_facts> read_tunnel(std::string_view dump) {
  constexpr std::size_t own_columns = 4;
  constexpr std::size_t peer_columns = 8;
  tunnel_facts facts;
  bool first = true;
  for (const auto& line : split(dump, '\n')) {
    const auto columns = split(line, '\t');
    if (columns.size() < (first ? own_columns : peer_columns))
      return fail(errc::backend_failure, "wg wrote a line that is too short");
    if (std::exchange(first, false)) {
      facts.public_key = columns[1];
      facts.listen_port = number_of<std::uint16_t>(columns[2]);
      continue;
    }
    tunnel_peer peer{.public_key = columns[0],
                     .endpoint = columns[2] == "(none)" ? "" : columns[2]};
    if (columns[3] != "(none)")
      peer.allowed = split(columns[3], ',');
    std::ranges::sort(peer.allowed);
    facts.peers_heard += columns[4] == "0" ? 0 : 1;
    facts.received_bytes += number_of<std::uint64_t>(columns[5]);
    facts.sent_bytes += number_of<std::uint64_t>(columns[6]);
    facts.peers.push_back(std::move(peer));
  }
  if (first)
    return fail(errc::backend_failure, "wg wrote nothing");
  std::ranges::sort(facts.peers, {}, &tunnel_peer::public_key);
  return facts;
}

expected<tunnel_facts> look_at_tunnel(const network_tools& tools,
                                      const tunnel_place& place) {
  auto dump = net_space::ask(place.router, [&] {
    return run(
      {.program = tools.wg, .arguments = {"show", place.name, "dump"}});
  });
  if (!dump)
    return fail(dump.error());
  // The private key is its first word.
  const auto shown = secret::absorb(dump->out);
  return read_tunnel(
    shown.reveal().substr(std::min(shown.reveal().find('\t'), shown.size())));
}

error remove_tunnel(const network_tools& tools, const tunnel_place& place) {
  const auto process = tunnel_process(place.name);
  if (!process)
    return process.error();
  if (*process != 0) {
    const auto handle = open_process(*process);
    // Unless it ended meanwhile, and its number is somebody else's now.
    if (handle && tunnel_process(place.name) == *process)
      if (auto failed = end_process(place.name, handle))
        return failed;
  }
  if (::unlink(socket_of(place.name).c_str()) != 0 && errno != ENOENT)
    return last_system_error("remove " + socket_of(place.name));
  if (auto failed = remove_device(tools, place.router, place.name))
    return failed;
  return remove_device(tools, place.underlay, place.name);
}

} // namespace provision
