#pragma once

#include <string>
#include <vector>

#include "backends/worker_process.hpp"

namespace provision {

/// Descriptor under which a worker finds its end of the socket.
inline constexpr int worker_socket = 3;

/// How a worker is started.
struct worker_command {
  /// Absolute path. Its default is the program that runs, also after its file
  /// was replaced: daemon and worker are always of one version.
  std::string program = "/proc/self/exe";
  /// From the program's own name on.
  std::vector<std::string> arguments = {};
  /// What it reads as /dev/stdin; kept in memory alone.
  std::string input = {};
};

/// A launcher that starts `what` with one end of a new pair of sockets at
/// descriptor `worker_socket`. Nobody else can reach that pair: it has neither
/// port nor path. The process gets no other file but the daemon's standard
/// error, a process group of its own (so that ^C at a terminal does not reach
/// it) and an environment of LC_ALL and PATH. errc::backend_failure.
///
/// It is to be called by a thread that lives as long as the daemon, because the
/// kernel ends the worker with that thread (become_worker).
worker_launcher spawn_worker(worker_command what);

/// What a worker does first: the kernel kills it when its daemon dies, takes it
/// before the daemon when memory is short, and shows it as "<type>-worker".
/// SIGTERM and SIGINT are for the daemon to act on: a service manager sends
/// them to both, and the call in flight may end.
void become_worker(const std::string& type);

/// Whether `number` is a connected stream socket of this host.
bool is_worker_socket(int number) noexcept;

} // namespace provision
