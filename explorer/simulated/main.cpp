#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "explorer/simulated/call.hpp"
#include "explorer/simulated/simulated_explorer.hpp"
#include "explorer/simulated/user_commands.hpp"
#include "http/http_server.hpp"

using namespace provision;

namespace {

constexpr auto examples = R"(
Examples:
  explorer-sim --listen 127.0.0.1:8080 --data /tmp/explorer
      Serve; everything is kept in /tmp/explorer, also after kill -9.
  explorer-sim --load documents.jsonl --keep-epoch
      Serve documents from a file, on a free port, in memory only.
  explorer-sim --fault server_error=0.1,reset=0.05 --fault delay=0.2 --seed 7
      Serve nodes badly, but every time in the same way.
  explorer-sim user create --name alice --seed-file alice.key
  explorer-sim submit --key alice.key volume.json
  explorer-sim list
  explorer-sim delete --key alice.key 1
      Act as a user of the explorer at --url.

Also: GET / for an overview, GET /sim/workloads, and POST /sim/faults to
change the faults of a running explorer.)";

/// What serving is told.
struct serve_settings {
  std::string listen = "127.0.0.1:0";
  simulated_explorer_options explorer = {};
  bool trusting = false;
  bool synced = false;
  std::vector<std::string> loaded = {};
  bool checks_loaded = false;
  std::vector<std::string> faults = {};
  std::string port_file = {};
  bool as_json = false;
};

/// "host:port"; an IPv6 host may stand in brackets.
expected<http_server_options> read_address(const std::string& text) {
  auto colon = text.rfind(':');
  auto port = colon == text.npos
                ? expected<std::int64_t>{0}
                : simulated::parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535)
    return fail(errc::invalid_configuration,
                "--listen " + text + ": expected HOST:PORT");
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  http_server_options options;
  options.address = host;
  options.port = static_cast<std::uint16_t>(*port);
  return options;
}

/// Whole or not at all, so that whoever waits for it can read it at once.
error write_port_file(const std::string& path, std::uint16_t port) {
  auto fresh = path + ".new";
  std::ofstream file{fresh};
  file << port << '\n';
  file.close();
  if (!file || std::rename(fresh.c_str(), path.c_str()) != 0)
    return {errc::storage_failure, path + ": cannot be written"};
  return {};
}

expected<std::unique_ptr<simulated_explorer>>
open_explorer(serve_settings& told) {
  for (const auto& each : told.faults)
    if (auto wrong = simulated::set_faults(told.explorer.faults, each))
      return fail(wrong);
  told.explorer.clock = std::make_shared<system_clock>();
  told.explorer.verify_signatures = !told.trusting;
  if (told.synced)
    told.explorer.durability = simulated::durability::power;
  auto explorer = simulated_explorer::open(told.explorer);
  if (!explorer || told.loaded.empty())
    return explorer;
  if (!(*explorer)->empty()) {
    // Loading again would put back what has become of the documents since.
    std::cerr << "explorer-sim: " << told.explorer.folder
              << " holds documents already; nothing loaded\n";
    return explorer;
  }
  auto checks = told.checks_loaded ? load_checks::customer : load_checks::none;
  for (const auto& each : told.loaded)
    if (auto count = (*explorer)->load_path(each, checks); !count)
      return fail(count.error());
  return explorer;
}

error announce(const serve_settings& told, const http_server_options& options,
               std::uint16_t port) {
  auto host = options.address.find(':') == std::string::npos
                ? options.address
                : "[" + options.address + "]";
  auto url = "http://" + host + ":" + std::to_string(port);
  if (told.as_json)
    std::cout << "{\"url\":\"" << url << "\",\"port\":" << port << "}";
  else
    std::cout << "explorer-sim listening on " << url;
  std::cout << std::endl;
  return told.port_file.empty() ? error{}
                                : write_port_file(told.port_file, port);
}

error serve(serve_settings& told) {
  // Blocked before there are threads, so that only sigwait sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto options = read_address(told.listen);
  if (!options)
    return options.error();
  auto explorer = open_explorer(told);
  if (!explorer)
    return explorer.error();
  auto server = http_server::start(
    *options, [&](const http_server_request& request, const http_reply& reply) {
      reply((*explorer)->handle(request));
    });
  if (!server)
    return server.error();
  if (auto failure = announce(told, *options, (*server)->port()))
    return failure;
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->stop();
  return {};
}

void add_serve_options(CLI::App& program, serve_settings& told) {
  program.add_option("--listen", told.listen, "HOST:PORT; port 0: a free one")
    ->capture_default_str();
  program.add_option("--data", told.explorer.folder,
                     "Folder for everything; none: in memory only");
  program.add_flag("--sync", told.synced,
                   "Sync every change to disk: survives a power failure, too");
  program.add_option("--load", told.loaded,
                     "File or folder of documents, if it holds none yet");
  program.add_flag("--check", told.checks_loaded,
                   "Refuse loaded documents that users could not post");
  program.add_flag("--keep-epoch", told.explorer.keep_epoch,
                   "Keep the epoch that customers signed, so that nodes can "
                   "verify documents; the original replaces it");
  program.add_flag("--no-verify", told.trusting,
                   "Check no signatures of requests, customers and pools");
  program.add_flag("--strict", told.explorer.strict,
                   "Be like the original also where it hurts");
  program.add_option("--fault", told.faults,
                     "NAME=NUMBER[,...]: server_error, reset, close, truncate, "
                     "delay, delay_max_ms, duplicate, reorder, amnesia, "
                     "clock_skew_s");
  program.add_option("--seed", told.explorer.faults.seed, "Seed of the faults")
    ->capture_default_str();
  program.add_option("--port-file", told.port_file,
                     "File that gets the port once it listens");
  program.add_flag("--json", told.as_json, "Announce the address as JSON");
}

} // namespace

int main(int argc, char** argv) {
  CLI::App program{"A simulated explorer: serves nodes and users like the "
                   "original, keeps what it is told, fails on request.",
                   "explorer-sim"};
  program.footer(examples);
  program.require_subcommand(0, 1);
  serve_settings told;
  error failure;
  add_serve_options(program, told);
  simulated::add_user_commands(program, failure);
  CLI11_PARSE(program, argc, argv);
  if (program.get_subcommands().empty())
    failure = serve(told);
  if (failure)
    std::cerr << "explorer-sim: " << failure.message << '\n';
  return failure ? 1 : 0;
}
