#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "bench/replay/engine_run.hpp"
#include "bench/replay/explorer_process.hpp"
#include "bench/replay/options.hpp"
#include "logging/log.hpp"

using namespace provision;
using namespace provision::bench;

namespace {

int run_once(const replay_options& told, const stream& documents,
             const std::string& folder) {
  std::filesystem::remove_all(folder + "/run");
  std::filesystem::create_directories(folder + "/run");
  run_orders orders{told, documents, folder + "/run", {}};
  std::unique_ptr<explorer_process> explorer;
  if (told.explorer == explorer_kind::sim) {
    auto started = explorer_process::start(
      told.explorer_sim.empty() ? explorer_sim_beside_us() : told.explorer_sim,
      documents, folder);
    if (!started) {
      std::cerr << "provision-replay: " << started.error().message << '\n';
      return 1;
    }
    explorer = std::move(*started);
    orders.explorer_url = explorer->url();
  }
  // Each run in a process of its own: nothing of the last one is left in it.
  auto child = ::fork();
  if (child == 0) {
    auto figures = run_engine(orders, explorer ? explorer->pid() : -1);
    if (!figures) {
      std::cerr << "provision-replay: " << figures.error().message << '\n';
      ::_exit(1);
    }
    std::printf("%10.0f /s  %8.3f s  node %6.1f us  explorer %6.1f us  "
                "rss %5.1f MiB  ready %.3f s\n",
                figures->reservations_per_second, figures->seconds,
                figures->cpu_us, figures->explorer_cpu_us,
                static_cast<double>(figures->rss_bytes) / (1 << 20),
                figures->ready_seconds);
    std::fflush(stdout);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

} // namespace

int main(int argc, char** argv) {
  int code = 0;
  auto told = read_command_line(argc, argv, code);
  if (!told)
    return code;
  log::configure(log::level::off, log::format::text);
  auto pattern = told->folder + "/provision-replay-XXXXXX";
  if (!::mkdtemp(pattern.data())) {
    std::cerr << "provision-replay: no folder can be made in " << told->folder
              << '\n';
    return 1;
  }
  auto documents = prepare_stream(*told, pattern);
  if (!documents) {
    std::cerr << "provision-replay: " << documents.error().message << '\n';
    code = 2;
  }
  for (unsigned i = 0; documents && code == 0 && i <= told->repetitions; ++i) {
    std::printf("%s ", i == 0 ? "warm-up" : "run    ");
    std::fflush(stdout);
    code = run_once(*told, *documents, pattern);
  }
  std::filesystem::remove_all(pattern);
  return code;
}
