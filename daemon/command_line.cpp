#include "daemon/command_line.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <optional>
#include <string>

#include "config/node_config.hpp"
#include "daemon/commands.hpp"
#include "daemon/configuration_page.hpp"
#include "daemon/log_settings.hpp"
#include "manual/manual_page.hpp"

namespace provision {

namespace {

constexpr int wrong_usage = 2;

struct arguments {
  std::string config_file = {};
  std::string data_dir = {};
  std::string explorer = {};
  std::string replay = {};
  std::string record = {};
  std::string log_level = {};
  std::string log_format = {};
  std::string folder = {};
  std::string type = {};
  bool repair = false;
  bool as_json = false;
  bool as_page = false;
};

constexpr auto examples = R"(
Examples:
  provisiond --explorer http://127.0.0.1:8080 --data-dir /tmp/node
      a node in a folder of your own, against an explorer on this machine
  provisiond run --config /etc/provisiond/provisiond.toml
  provisiond check --config /etc/provisiond/provisiond.toml
  provisiond config > /etc/provisiond/provisiond.toml
      every key with its default and what it means
  provisiond probe
      what this host can do for every workload type, and what to install
  provisiond fsck --data-dir /tmp/node

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
)";

constexpr auto worker_notes = R"(
Provisions one workload type in a process of its own, so that a crash, a hang or
a lack of memory there takes down one workload at most. The daemon starts,
supervises and ends its workers; there is nothing to start by hand:

  [provisioners]
  isolate = ["volume", "network_resource", "container"]

in the configuration of `provisiond run` is all. Each type gets a process of its
own: the daemon runs

  provisiond worker --type container --config /dev/stdin

with its own settings as the file and one end of a socket pair, which has no port
and no path, as descriptor 3. A worker ends with its daemon. Its log lines go to
the daemon's standard error. It never reads the node's key: the daemon opens for
it what is sealed. All types but debug can be isolated.

A worker can also serve the daemon of another host, over TLS 1.3, with
certificates of one authority on both sides: volume and zdb, whose objects need
nothing else of the daemon's host. On the worker's host:

  [workers]
  listen = "0.0.0.0:7443"
  daemon = "node-1.example"
  certificate = "/etc/provisiond/worker.pem"
  key = "/etc/provisiond/worker.key"
  authority = "/etc/provisiond/authority.pem"

and on the daemon's, with files of its own:

  [workers]
  volume = "storage-1.example:7443"

Example:
  provisiond worker --type volume --config /etc/provisiond/worker.toml
)";

/// The file's settings with the command line's on top.
expected<config::node_config> read_settings(const arguments& given) {
  auto settings = given.config_file.empty()
                    ? expected<config::node_config>{config::node_config{}}
                    : config::load(given.config_file);
  if (!settings)
    return settings;
  if (!given.data_dir.empty())
    settings->node.data_dir = given.data_dir;
  if (!given.explorer.empty())
    settings->explorer.url = given.explorer;
  if (!given.replay.empty())
    settings->replay.file = given.replay;
  if (!given.record.empty())
    settings->record.file = given.record;
  if (given.log_format == "json")
    settings->log.format = config::log_format::json;
  else if (given.log_format == "text")
    settings->log.format = config::log_format::text;
  if (given.log_level.empty())
    return settings;
  auto parsed = config::parse("[log]\nlevel = \"" + given.log_level + "\"\n",
                              "--log-level");
  if (!parsed)
    return parsed;
  settings->log.level = parsed->log.level;
  return settings;
}

/// The same, and the log as they say; nothing if they are not sound, and then
/// `err` says why.
std::optional<config::node_config> settings_of(const arguments& given,
                                               std::ostream& err) {
  auto settings = read_settings(given);
  if (!settings) {
    err << "provisiond: " << settings.error().message << '\n';
    return std::nullopt;
  }
  configure_log(settings->log);
  return *settings;
}

int run_checked(const arguments& given, std::ostream& err) {
  auto settings = settings_of(given, err);
  if (!settings)
    return wrong_usage;
  if (auto broken = config::validate(*settings)) {
    err << "provisiond: " << broken.message << '\n';
    return wrong_usage;
  }
  return commands::run(*settings, [&given]() -> expected<config::node_config> {
    auto again = read_settings(given);
    if (!again)
      return again;
    if (auto broken = config::validate(*again))
      return fail(std::move(broken));
    return again;
  });
}

manual_facts about_this_program() {
  return {.title = {.name = "provisiond",
                    .section = 8,
                    .origin = "provisiond " PROVISION_VERSION,
                    .summary = "agent that applies an explorer's reservations "
                               "on this node"},
          .files = {{"/etc/provisiond/provisiond.toml",
                     "the configuration that the service reads"},
                    {"/var/lib/provisiond", "store, key and volumes"},
                    {"/run/provisiond/api.sock",
                     "the socket of the service, which provisionctl asks"}},
          .see_also = {"provisionctl(1)", "provisiond.toml(5)"}};
}

/// What --help of a command shows below its options; without one of its own it
/// would show those of the whole program.
void show_example(CLI::App& command, const std::string& words) {
  command.footer("\nExample:\n  provisiond " + words + '\n');
}

void add_common(CLI::App& app, arguments& given) {
  app.add_option("-c,--config", given.config_file, "configuration file (TOML)");
  app.add_option("-d,--data-dir", given.data_dir,
                 "folder of store, key and volumes [/var/lib/provisiond]");
  app.add_option("--log-level", given.log_level,
                 "debug, info, warning, error or off [info]");
  app.add_option("--log-format", given.log_format, "text or json [text]")
    ->check(CLI::IsMember({"text", "json"}));
}

} // namespace

int command_line(int argc, char** argv, std::ostream& out, std::ostream& err) {
  arguments given;
  int code = 0;
  CLI::App app{"Runs reservations of an explorer on this node, one at a time "
               "and in order."};
  app.footer(examples);
  app.set_version_flag("--version", "provisiond " PROVISION_VERSION);
  add_manual(app, about_this_program());
  add_common(app, given);
  auto add_sources = [&](CLI::App& to) {
    to.add_option("-e,--explorer", given.explorer, "base URL of the explorer");
    to.add_option("-r,--replay", given.replay,
                  "JSONL file of reservations, - for standard input");
    to.add_option("--record", given.record,
                  "file that gets what the node receives and answers");
  };
  add_sources(app);
  auto with_settings = [&](auto use) {
    return [&, use] {
      auto settings = settings_of(given, err);
      code = settings ? use(*settings) : wrong_usage;
    };
  };

  auto* run = app.add_subcommand("run", "run the node (default)");
  run->fallthrough();
  show_example(*run, "run --config /etc/provisiond/provisiond.toml");

  auto* check = app.add_subcommand("check", "check the configuration");
  check->fallthrough();
  check->callback([&] { code = commands::check(given.config_file, out); });
  show_example(*check, "check --config /etc/provisiond/provisiond.toml && "
                       "systemctl reload provisiond");

  auto* config = app.add_subcommand(
    "config", "print a configuration with every key at its default");
  config->callback([&] {
    out << (given.as_page ? configuration_page(PROVISION_VERSION)
                          : config::example());
  });
  config->add_flag("--man", given.as_page)->group("");
  show_example(*config, "config > /etc/provisiond/provisiond.toml");

  auto* probe = app.add_subcommand(
    "probe", "tell what this host can do for every workload type");
  probe->fallthrough();
  probe->add_flag("--json", given.as_json, "as JSON");
  probe->callback(with_settings(
    [&](const auto& s) { return commands::probe(s, given.as_json, out); }));
  show_example(*probe, "probe --config /etc/provisiond/provisiond.toml");

  auto* worker = app.add_subcommand(
    "worker", "serve one workload type in a process of its own");
  worker->fallthrough();
  worker->footer(worker_notes);
  worker->add_option("-t,--type", given.type, "workload type, such as volume")
    ->required();
  worker->callback(with_settings(
    [&](const auto& s) { return commands::worker(s, given.type, err); }));

  auto* identity = app.add_subcommand("identity", "the node's key and id");
  identity->fallthrough();
  identity->require_subcommand(1);
  show_example(*identity, "identity show");
  auto* fresh = identity->add_subcommand("new", "make the node's key file");
  fresh->fallthrough();
  fresh->callback(with_settings(
    [&](const auto& s) { return commands::identity_new(s, out); }));
  show_example(*fresh, "identity new --data-dir /var/lib/provisiond");
  auto* show = identity->add_subcommand("show", "print the node's id");
  show->fallthrough();
  show->add_flag("--json", given.as_json, "as JSON");
  show->callback(with_settings([&](const auto& s) {
    return commands::identity_show(s, given.as_json, out);
  }));
  show_example(*show, "identity show --data-dir /var/lib/provisiond");

  auto* taken_over = app.add_subcommand(
    "import", "take over the cache folder of the original node");
  taken_over->fallthrough();
  taken_over->add_option("folder", given.folder, "the cache folder")
    ->required();
  taken_over->callback(with_settings([&](const auto& s) {
    return commands::import_folder(s, given.folder, out);
  }));
  show_example(*taken_over, "import /mnt/original/reservations");

  auto* fsck = app.add_subcommand("fsck", "check the store of a stopped node");
  fsck->fallthrough();
  fsck->add_option("folder", given.folder,
                   "the store's folder [<data-dir>/store]");
  fsck->add_flag("--repair", given.repair, "mend what can be mended");
  fsck->add_flag("--json", given.as_json, "as JSON");
  fsck->callback(with_settings([&](const auto& s) {
    return commands::fsck(s, given.folder, given.repair, given.as_json, out);
  }));
  show_example(*fsck, "fsck /var/lib/provisiond/store");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    auto shown = app.exit(e, out, err);
    return shown == 0 ? 0 : wrong_usage;
  }
  bool other = !app.get_subcommands().empty() && !run->parsed();
  return other ? code : run_checked(given, err);
}

} // namespace provision
