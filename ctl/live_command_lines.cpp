// The table of the commands that go on for a while.
#include "ctl/command_builder.hpp"

namespace provision::ctl {

namespace {

void add_wait(CLI::App& app, arguments& given, action& chosen) {
  auto* command
    = add(app, chosen, "wait",
          "until a reservation is in a state; exit code 1 if it "
          "cannot come there any more, 7 if it does not in time",
          [&given](auto& here) {
            return wait_for(here, given.id, given.state, given.again);
          });
  command->add_option("id", given.id, "or its beginning")->required();
  command
    ->add_option("--for", given.state,
                 "provisioned, failed, rejected, gone, migrated, quarantined, "
                 "or settled: any of them")
    ->required()
    ->check(CLI::IsMember({"provisioned", "failed", "rejected", "gone",
                           "migrated", "quarantined", "settled"}));
  add_span(*command, "--timeout", given.again.patience,
           "at most so long [without end]");
  show_example(*command, "wait 100-1 --for=provisioned --timeout 30s");
}

void add_drain(CLI::App& app, arguments& given, action& chosen) {
  auto* command = add(
    app, chosen, "drain",
    "take in nothing new and wait until nothing is pending; exit code 7 "
    "if that takes too long",
    [&given](auto& here) {
      return given.is_cancelled ? drain_cancel(here) : drain(here, given.again);
    });
  command->add_flag("--cancel", given.is_cancelled, "take in again");
  add_span(*command, "--timeout", given.again.patience,
           "at most so long [without end]");
  show_example(*command, "drain --timeout 5m\n  provisionctl drain --cancel");
}

void add_logs(CLI::App& app, arguments& given, action& chosen) {
  auto* command = add(app, chosen, "logs", "what a container or machine writes",
                      [&given](auto& here) {
                        return logs(here, given.id, given.logs, given.again);
                      });
  command->add_option("id", given.id, "or its beginning")->required();
  command->add_option("--last", given.logs.last, "so many lines [100]");
  command->add_flag("-f,--follow", given.logs.is_followed,
                    "and what comes, until interrupted");
  add_span(*command, "--interval", given.again.interval,
           "between two looks [1s]");
  show_example(*command, "logs 100-1 --last 20 --follow");
}

void add_top(CLI::App& app, arguments& given, action& chosen) {
  auto* command = add(app, chosen, "top",
                      "a picture of the node that is kept fresh; q ends",
                      [&given](auto& here) { return top(here, given.again); });
  add_span(*command, "--interval", given.again.interval,
           "between two pictures [1s]");
  command->add_option("--count", given.again.count_max,
                      "so many pictures [without end]");
  show_example(*command, "top --interval 500ms");
}

void add_log(CLI::App& app, arguments& given, action& chosen) {
  auto* log = app.add_subcommand("log", "how much the daemon logs");
  log->fallthrough();
  log->require_subcommand(1);
  show_example(*log, "log level debug");
  auto* level
    = add(*log, chosen, "level",
          "show it, or change it until the configuration is read again",
          [&given](auto& here) { return log_level(here, given.level); });
  level->add_option("level", given.level, "debug, info, warning, error or off")
    ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}));
  show_example(*level, "log level debug");
}

} // namespace

void add_live_commands(CLI::App& app, arguments& given, action& chosen) {
  add_wait(app, given, chosen);
  add_logs(app, given, chosen);
  add_drain(app, given, chosen);
  add_top(app, given, chosen);
  add_log(app, given, chosen);
}

void add_watch(CLI::App& command, repetition& again) {
  command.add_flag("-w,--watch", again.is_watched,
                   "show it again and again until interrupted");
  add_span(command, "--interval", again.interval, "between two times [1s]");
  command.add_option("--count", again.count_max, "so many times [without end]");
}

} // namespace provision::ctl
