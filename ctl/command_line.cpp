#include "ctl/command_line.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <ostream>

#include "ctl/command_builder.hpp"
#include "ctl/commands.hpp"
#include "manual/manual_page.hpp"

namespace provision::ctl {

namespace {

constexpr auto footer = R"(
Examples:
  provisionctl status
  provisionctl list --state failed -o wide
  provisionctl explain 100-1        why is it as it is, and what comes next
  provisionctl explain 100          the beginning of an id is enough
  provisionctl events --follow
  provisionctl cancel 100-1 --reason "its disk is dying"
  provisionctl cordon volume        new volumes wait, removals go on
  provisionctl drain --timeout 5m   before the host is serviced
  provisionctl journal verify       was anything in the history changed
  provisionctl confirm deletions    after a look at 'provisionctl waiting'
  provisionctl --json status | jq .engine

The daemon is asked at --socket, else $PROVISIOND_SOCKET, else api.sock in
--data-dir, else where the service serves, /run/provisiond/api.sock, else
/var/lib/provisiond/api.sock.

Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 no such id or
several begin so, 4 no daemon answers, 5 not allowed, 6 not ready (ready),
7 not in time (wait, drain).
)";

std::string socket_of(const arguments& given) {
  if (!given.socket.empty())
    return given.socket;
  auto* from_environment = std::getenv("PROVISIOND_SOCKET");
  if (from_environment && *from_environment != '\0')
    return from_environment;
  if (!given.data_dir.empty())
    return given.data_dir + "/api.sock";
  std::string of_service = "/run/provisiond/api.sock";
  std::error_code failure;
  if (std::filesystem::exists(of_service, failure))
    return of_service;
  return "/var/lib/provisiond/api.sock";
}

manual_facts about_this_program() {
  return {.title = {.name = "provisionctl",
                    .section = 1,
                    .origin = "provisiond " PROVISION_VERSION,
                    .summary = "ask a node what it does and why, and give it "
                               "orders"},
          .files = {{"/run/provisiond/api.sock", "the socket of the service"}},
          .see_also = {"provisiond(8)", "provisiond.toml(5)"}};
}

bool wants_colour(const arguments& given, bool is_terminal) {
  if (given.colour != "auto")
    return given.colour == "always";
  auto* refused = std::getenv("NO_COLOR");
  return is_terminal && !(refused && *refused != '\0');
}

void add_quarantine_orders(CLI::App& to, arguments& given, action& chosen) {
  auto* again
    = add(to, chosen, "retry", "hand one to the engine again",
          [&given](auto& here) { return quarantine_retry(here, given.id); });
  again->add_option("key", given.id, "or its beginning")->required();
  show_example(*again, "quarantine retry 100-1");
  auto* drop
    = add(to, chosen, "drop", "forget one for good",
          [&given](auto& here) { return quarantine_drop(here, given.id); });
  drop->add_option("key", given.id, "or its beginning")->required();
  show_example(*drop, "quarantine drop 100-1");
}

/// A type, or --all for the node.
void add_cordon(CLI::App& app, arguments& given, action& chosen,
                const char* name, const char* description,
                int (*order)(const surroundings&, const std::string&)) {
  auto* command
    = add(app, chosen, name, description,
          [&given, order](auto& here) { return order(here, given.type); });
  auto* what = command->add_option_group("what");
  what->add_option("type", given.type, "a workload type that it offers")
    ->check([](const std::string& type) -> std::string {
      // An empty one would stand for the whole node.
      return type.empty() ? "a type has a name" : "";
    });
  what->add_flag("--all", given.whole_node, "the whole node");
  what->require_option(1);
  show_example(*command, std::string{name} + " volume\n  provisionctl " + name
                           + " --all");
}

void add_confirm(CLI::App& app, action& chosen) {
  auto* confirm
    = app.add_subcommand("confirm", "let go on what the node holds back");
  confirm->fallthrough();
  confirm->require_subcommand(1);
  show_example(*confirm, "confirm deletions");
  show_example(
    *add(*confirm, chosen, "deletions",
         "the deletions that are held because there were too many",
         confirm_deletions),
    "waiting             which ones\n  provisionctl confirm deletions");
  show_example(*add(*confirm, chosen, "clock",
                    "the clock is right although it jumped", confirm_clock),
               "confirm clock");
}

void add_orders(CLI::App& app, arguments& given, action& chosen) {
  show_example(*add(app, chosen, "waiting",
                    "which reservations wait, and for what", waiting),
               "waiting");
  show_example(*add(app, chosen, "pause",
                    "take nothing new from the sources until 'resume' or the "
                    "next start",
                    pause),
               "pause");
  show_example(*add(app, chosen, "resume", "take in again", resume), "resume");
  add_cordon(app, given, chosen, "cordon",
             "let new workloads of a type wait; survives restarts", cordon);
  add_cordon(app, given, chosen, "uncordon", "let them go on", uncordon);
  auto* again
    = add(app, chosen, "retry", "try one now that waits for its next try",
          [&given](auto& here) { return retry(here, given.id); });
  again->add_option("id", given.id, "or its beginning")->required();
  show_example(*again, "retry 100-1");
  add_confirm(app, chosen);
}

void add_orphans(CLI::App& app, arguments& given, action& chosen) {
  auto* command = add(app, chosen, "orphans",
                      "what the host holds that no reservation wants", orphans);
  show_example(*command,
               "orphans\n  provisionctl orphans remove volume:12-1 --reason "
               "\"its owner agreed\"");
  auto* order
    = add(*command, chosen, "remove", "remove one for good, whatever made it",
          [&given](auto& here) {
            return orphan_remove(here, given.id, given.reason);
          });
  order->add_option("key", given.id, "as 'orphans' lists it")->required();
  order->add_option("--reason", given.reason, "for the log")->required();
  show_example(*order,
               "orphans remove volume:12-1 --reason \"its owner agreed\"");
}

void add_node_commands(CLI::App& app, arguments& given, action& chosen) {
  auto* command
    = add(app, chosen, "status", "how the node is and what it does now",
          [&given](auto& here) {
            return watched(here, given.again, [&] { return status(here); });
          });
  add_watch(*command, given.again);
  show_example(*command, "status --watch");
  show_example(*add(app, chosen, "ready",
                    "whether it takes reservations; exit code 6 if not", ready),
               "ready");
  show_example(
    *add(app, chosen, "types", "the workload types that it offers", types),
    "types");
  auto* room = add(app, chosen, "capacity", "what is lent out and what is free",
                   capacity);
  show_example(*room, "capacity\n  provisionctl capacity audit");
  show_example(*add(*room, chosen, "audit",
                    "compare the counters with all records; exit code 1 if "
                    "they differ",
                    audit),
               "capacity audit");
  auto* used = add(app, chosen, "usage",
                   "what workloads use of the host, beside their limits",
                   [&given](auto& here) { return usage(here, given.id); });
  used->add_option("id", given.id, "or its beginning [all]");
  show_example(*used, "usage 100-1 --json");
  auto* reports
    = add(app, chosen, "outbox", "reports that are owed to the explorer",
          [&given](auto& here) { return outbox(here, given.parked); });
  reports->add_flag("--parked", given.parked,
                    "those that the explorer refused for good");
  show_example(*reports, "outbox --parked");
  auto* aside = app.add_subcommand("quarantine", "what was set aside, and why");
  aside->fallthrough();
  aside->require_subcommand(1);
  show_example(*aside, "quarantine list");
  show_example(*add(*aside, chosen, "list", "all of it", quarantine_list),
               "quarantine list");
  auto* shown
    = add(*aside, chosen, "show", "one, with the input as it came",
          [&given](auto& here) { return quarantine_show(here, given.id); });
  shown->add_option("key", given.id)->required();
  show_example(*shown, "quarantine show 100-1");
  add_quarantine_orders(*aside, given, chosen);
  add_orphans(app, given, chosen);
}

void add_list(CLI::App& app, arguments& given, action& chosen) {
  auto* command = add(
    app, chosen, "list", "the reservations that the node knows",
    [&given](auto& here) {
      return watched(here, given.again, [&] { return list(here, given.list); });
    });
  add_watch(*command, given.again);
  show_example(*command, "list --state failed -o wide --watch");
  command->add_option("--type", given.list.type, "only this type");
  command->add_option("--state", given.list.state,
                      "accepted, applying, provisioned, failed, rejected or "
                      "removing");
  command->add_option("--user", given.list.user, "only this user's");
  command->add_option("--prefix", given.list.prefix, "ids that begin so");
  command->add_option("--limit", given.list.limit, "so many at most [all]");
  command->add_option("-o,--output", given.list.form, "table, wide or name")
    ->check(CLI::IsMember({"table", "wide", "name"}));
}

void add_reservation_commands(CLI::App& app, arguments& given, action& chosen) {
  add_list(app, given, chosen);
  auto* one = add(
    app, chosen, "show", "all about one reservation",
    [&given](auto& here) { return show(here, given.id, given.with_document); });
  one->add_option("id", given.id, "or its beginning")->required();
  one->add_flag("--document", given.with_document,
                "also what the customer sent; admins only");
  show_example(*one, "show 100-1");
  auto* why
    = add(app, chosen, "explain", "why it is as it is, and what comes next",
          [&given](auto& here) { return explain(here, given.id); });
  why->add_option("id", given.id, "or its beginning")->required();
  show_example(*why, "explain 100-1");
  auto* events_command
    = add(app, chosen, "events", "what the node decided, newest last",
          [&given](auto& here) { return events(here, given.events); });
  events_command->add_flag("-f,--follow", given.events.is_followed,
                           "go on as it happens");
  events_command->add_option("--after", given.events.after,
                             "behind this number");
  events_command->add_option("--last", given.events.last, "so many [20]")
    ->check(CLI::Range(0, 1000));
  show_example(*events_command, "events --follow");
  auto* order = add(
    app, chosen, "cancel",
    "take one down that is beyond repair; its owner is told",
    [&given](auto& here) { return cancel(here, given.id, given.reason); });
  order->add_option("id", given.id, "or its beginning")->required();
  order->add_option("--reason", given.reason, "what its owner reads")
    ->required();
  show_example(*order, "cancel 100-1 --reason \"its disk is dying\"");
}

/// Adds the commands below one and all their options.
void add_words(const CLI::App& command, std::vector<std::string>& words) {
  for (auto* option : command.get_options())
    for (auto& name : option->get_lnames())
      if (auto word = "--" + name;
          std::ranges::find(words, word) == words.end())
        words.push_back(word);
  for (auto* below : command.get_subcommands([](auto*) { return true; })) {
    words.push_back(below->get_name());
    add_words(*below, words);
  }
}

std::vector<completed_command> commands_of(const CLI::App& app) {
  std::vector<completed_command> all;
  for (auto* one : app.get_subcommands([](auto*) { return true; })) {
    completed_command made{.name = one->get_name()};
    add_words(*one, made.words);
    for (auto* option : one->get_options())
      made.takes_id = made.takes_id || option->get_name() == "id";
    all.push_back(std::move(made));
  }
  return all;
}

} // namespace

int command_line(int argc, char** argv, std::ostream& out, std::ostream& err,
                 bool is_terminal) {
  arguments given;
  action chosen;
  CLI::App app{"Asks a node what it does and why, and gives it orders."};
  app.footer(footer);
  app.set_version_flag("--version", "provisionctl " PROVISION_VERSION);
  add_manual(app, about_this_program());
  app.require_subcommand(1);
  app.add_option("-s,--socket", given.socket, "the daemon's socket");
  app.add_option("-d,--data-dir", given.data_dir, "the daemon's data folder");
  app.add_flag("--json", given.as_json,
               "answers as JSON; lists and events one object a line");
  app.add_option("--color", given.colour, "auto, always or never")
    ->check(CLI::IsMember({"auto", "always", "never"}));
  add_node_commands(app, given, chosen);
  add_reservation_commands(app, given, chosen);
  add_orders(app, given, chosen);
  add_file_commands(app, given, chosen);
  add_live_commands(app, given, chosen);
  auto* complete
    = app.add_subcommand("completion", "print a script for your shell");
  complete->add_option("shell", given.shell, "bash, zsh or fish")
    ->required()
    ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  show_example(*complete, "completion bash > ~/.provisionctl-completion");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e, out, err) == 0 ? all_well : wrong_usage;
  }
  if (complete->parsed()) {
    out << completion(given.shell, commands_of(app));
    return all_well;
  }
  api_client client{socket_of(given)};
  return chosen(
    {client,
     {out, wants_colour(given, is_terminal), given.as_json, is_terminal},
     err});
}

} // namespace provision::ctl
