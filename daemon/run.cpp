#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "control/metrics_server.hpp"
#include "daemon/commands.hpp"
#include "daemon/node.hpp"
#include "daemon/service_manager.hpp"
#include "logging/log.hpp"

namespace provision::commands {

namespace {

/// From the signal to the last durable outcome.
constexpr std::chrono::milliseconds stop_patience{4500};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

std::string notify_socket() {
  auto* value = std::getenv("NOTIFY_SOCKET");
  return value ? value : "";
}

void say_ready(const node_summary& summary) {
  log::info("ready", {},
            {{"node", summary.node_id},
             {"explorer", summary.explorer.empty() ? "none" : summary.explorer},
             {"volumes", summary.volumes},
             {"networks", summary.networks},
             {"live", std::to_string(summary.live_records)},
             {"salvaged", std::to_string(summary.salvaged)}});
}

} // namespace

int run(const config::node_config& settings) {
  // Blocked before any thread exists, so that all inherit it and only this
  // one hears of them.
  auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  service_manager manager{notify_socket()};
  node_summary summary;
  auto made = wire(settings, [&manager, &summary] {
    manager.ready("applying reservations");
    say_ready(summary);
  });
  if (!made) {
    log::error("cannot start: " + to_string(made.error()));
    return 1;
  }
  summary = made->summary;
  auto access = access_rules::make(settings.api, ::geteuid());
  if (!access) {
    log::error("cannot start: " + to_string(access.error()));
    return 1;
  }
  if (auto failure = made->engine->start()) {
    log::error("cannot start: " + to_string(failure));
    return 1;
  }
  // The store's lock is ours by now: no other daemon serves this path.
  auto served = serve_api(node_paths{settings}.api, *access, made->door);
  if (!served) {
    log::error("cannot start: " + to_string(served.error()));
    made->engine->stop(stop_patience);
    return 1;
  }
  auto metrics = serve_metrics(settings.metrics, made->door);
  if (!metrics) {
    log::error("cannot start: " + to_string(metrics.error()));
    (*served)->stop();
    made->engine->stop(stop_patience);
    return 1;
  }
  if (*metrics)
    log::info("metrics are served", {},
              {{"listen", settings.metrics.listen},
               {"port", std::to_string((*metrics)->port())}});
  int received = 0;
  sigwait(&signals, &received);
  log::info("stopping", {}, {{"signal", strsignal(received)}});
  manager.stopping();
  (*served)->stop();
  if (*metrics)
    (*metrics)->stop();
  if (auto failure = made->engine->stop(stop_patience)) {
    // What is durable stays; the call in flight is taken up again at the next
    // start. Its thread cannot be ended, so the process ends around it.
    log::warn("a provisioner did not let go in time: " + failure.message);
    std::_Exit(0);
  }
  log::info("stopped");
  return 0;
}

} // namespace provision::commands
