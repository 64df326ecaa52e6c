#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/changes.hpp"
#include "control/dashboard/dashboard_server.hpp"
#include "control/metrics_server.hpp"
#include "daemon/commands.hpp"
#include "daemon/log_settings.hpp"
#include "daemon/node.hpp"
#include "daemon/readiness.hpp"
#include "daemon/service_manager.hpp"
#include "logging/log.hpp"

namespace provision::commands {

namespace {

/// From the signal to the last durable outcome.
constexpr std::chrono::milliseconds stop_patience{4500};

/// Enough for a thousand records on a slow disk.
constexpr std::chrono::seconds step_patience{30};

sigset_t heard_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
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
             {"containers", summary.containers},
             {"machines", summary.machines},
             {"namespaces", summary.namespaces},
             {"proxies", summary.proxies},
             {"zones", summary.zones},
             {"ipv6", summary.ipv6},
             {"public_ips", summary.public_ips},
             {"live", std::to_string(summary.live_records)},
             {"salvaged", std::to_string(summary.salvaged)}});
}

std::string joined(const std::vector<std::string>& keys) {
  std::string text;
  for (const auto& key : keys)
    text += (text.empty() ? "" : ", ") + key;
  return text.empty() ? "none" : text;
}

/// What is told of the node's life, and to whom. `period`: how often the
/// manager wants to hear that all is well, if it does.
node_events events_for(const service_manager& manager, readiness& ready,
                       std::optional<std::chrono::microseconds> period) {
  node_events events;
  events.on_starting = [&manager](const std::string& what) {
    manager.starting(what, step_patience);
  };
  events.on_ready = [&ready] { ready.engine_recovered(); };
  if (period) {
    // Late by a third at most, so that one round may be missed.
    events.heart.interval = *period / 3;
    events.heart.patience = *period / 2;
  }
  events.heart.on_alive
    = [&manager, has_watchdog = period.has_value(),
       news = std::make_shared<status_news>(ready)](
        const engine_status& engine, const feedback_status& reports) {
        if (has_watchdog)
          manager.alive();
        auto line = status_line(engine, reports);
        if (engine.phase == "running" && news->is_news(line))
          manager.status(line);
      };
  return events;
}

/// Takes over what can change now; what cannot waits for the next start.
/// What is said of it before the node is ready does not make it so.
void reload(config::node_config& settings, const config_reader& read_again,
            const service_manager& manager, const readiness& ready) {
  auto in_service = ready.reached();
  if (in_service)
    manager.reloading();
  auto ends = [&](std::string_view how) {
    in_service ? manager.ready(how) : manager.status(how);
  };
  auto again = read_again();
  if (!again) {
    log::error("the configuration stays as it is: " + again.error().message);
    ends("the configuration stays as it is, see the log");
    return;
  }
  auto found = config::changes_between(settings, *again);
  settings.log = again->log;
  configure_log(settings.log);
  log::info("the configuration was read again", {},
            {{"changed", joined(found.live)},
             {"at_next_start", joined(found.restart)}});
  ends("the configuration was read again");
}

/// The signal that ends the node.
int wait_for_end(const sigset_t& signals, config::node_config settings,
                 const config_reader& read_again,
                 const service_manager& manager, const readiness& ready) {
  int received = 0;
  while (sigwait(&signals, &received) == 0 && received == SIGHUP)
    reload(settings, read_again, manager, ready);
  return received;
}

using servers = std::vector<std::unique_ptr<http_server>>;

/// Keeps a server that listens over TCP, and tells where; none is fine.
error add_door(servers& doors, std::string_view what, const std::string& listen,
               expected<std::unique_ptr<http_server>> door) {
  if (!door)
    return door.error();
  if (!*door)
    return {};
  log::info(std::string{what} + " served", {},
            {{"listen", listen}, {"port", std::to_string((*door)->port())}});
  doors.push_back(std::move(*door));
  return {};
}

/// Everything that can be asked from outside.
expected<servers> open_doors(const config::node_config& settings,
                             const access_rules& access,
                             const std::shared_ptr<api_door>& door) {
  servers doors;
  auto api = serve_api(node_paths{settings}.api, access, door,
                       settings.dashboard.host);
  if (!api)
    return fail(api.error());
  doors.push_back(std::move(*api));
  if (auto failure = add_door(doors, "metrics are", settings.metrics.listen,
                              serve_metrics(settings.metrics, door)))
    return fail(std::move(failure));
  if (auto failure
      = add_door(doors, "the dashboard is", settings.dashboard.listen,
                 serve_dashboard(settings.dashboard, door)))
    return fail(std::move(failure));
  return doors;
}

} // namespace

int run(const config::node_config& settings, const config_reader& read_again) {
  // Blocked before any thread exists, so that all inherit it and only this
  // one hears of them.
  auto signals = heard_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  service_manager manager{notify_socket()};
  node_summary summary;
  readiness ready{[&manager, &summary] {
    manager.ready("applying reservations");
    say_ready(summary);
  }};
  auto period = watchdog_period(std::getenv("WATCHDOG_USEC"),
                                std::getenv("WATCHDOG_PID"), ::getpid());
  auto made = wire(settings, events_for(manager, ready, period));
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
  auto doors = open_doors(settings, *access, made->door);
  if (!doors) {
    log::error("cannot start: " + to_string(doors.error()));
    made->engine->stop(stop_patience);
    return 1;
  }
  ready.doors_opened();
  int received = wait_for_end(signals, settings, read_again, manager, ready);
  log::info("stopping", {}, {{"signal", strsignal(received)}});
  manager.stopping();
  for (auto& one : *doors)
    one->stop();
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
