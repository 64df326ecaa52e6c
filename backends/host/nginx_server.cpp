#include "backends/host/nginx_server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <sstream>
#include <utility>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using steady = std::chrono::steady_clock;

/// More ends than fit into the window: it is started again for ever.
constexpr std::uint32_t restarts_for_ever = 1U << 20U;
constexpr std::uint64_t memory_bytes = 1ULL << 30U;
/// Each change leaves workers behind that serve what they began.
constexpr std::uint64_t tasks_max = 4096;
constexpr int turn_ms = 5;

nginx_doors doors_of(const supervised_processes& processes,
                     const nginx_options& options) {
  return {.run = processes.folder_of(nginx_server::id) + "/run",
          .http = options.http_listen,
          .tls = options.tls_listen};
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
  : processes_{processes}, options_{std::move(options)}, doors_{doors_of(
                                                           processes,
                                                           options_)},
    process_{processes,
             {.id = id,
              .socket = nginx_socket(doors_),
              .question = "GET / HTTP/1.0\r\n\r\n",
              .patience = options_.patience,
              .before_step = options_.before_step}} {
}

error nginx_server::settle(const nginx_routes& wanted,
                           const std::function<void()>& on_start) const {
  if (wanted.empty()) {
    if (auto stopped = pass(options_.before_step, "stop nginx"))
      return stopped;
    return processes_.remove(id);
  }
  if (flaw(wanted).empty())
    return {};
  if (!nginx_takes(folder()))
    return {errc::invalid_configuration,
            folder()
              + ": holds a character that nginx cannot be told; choose "
                "another node.data_dir"};
  if (auto wrong = process_.check_paths())
    return wrong;
  const auto config = nginx_config(options_.tools, doors_, wanted);
  if (auto failed = try_out(config))
    return failed;
  const auto old = workers_of(process_.look());
  if (auto failed
      = process_.take_over(spec(), nginx_generation(config), on_start))
    return failed;
  if (auto failed = wait_for_retreat(old))
    return failed;
  return pass(options_.before_step, "done");
}

std::string nginx_server::flaw(const nginx_routes& wanted) const {
  const auto config = nginx_config(options_.tools, doors_, wanted);
  return process_.flaw(spec(), nginx_generation(config));
}

shim::process_spec nginx_server::spec() const {
  shim::process_spec spec{
    .arguments
    = {options_.tools.nginx, "-p", folder(), "-e", "stderr", "-c", file()},
    .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
    .scratch = doors_.run,
    .restart_delay = options_.restart_delay,
    .restarts_max = restarts_for_ever};
  if (options_.groups)
    options_.groups->add_to(spec, options_.node_id, id,
                            {.memory_bytes = memory_bytes, .tasks = tasks_max});
  return spec;
}

/// Writes it beside the one in force and lets nginx judge it.
error nginx_server::try_out(const std::string& config) const {
  if (::mkdir(folder().c_str(), 0700) != 0 && errno != EEXIST)
    return last_system_error("make folder " + folder());
  // Nobody runs yet who would have made it.
  if (::mkdir(doors_.run.c_str(), 0700) != 0 && errno != EEXIST)
    return last_system_error("make folder " + doors_.run);
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
