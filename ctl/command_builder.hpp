#pragma once

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <string>

#include "ctl/commands.hpp"

/// What the tables of commands are made with.
namespace provision::ctl {

/// Everything that can be given on the command line.
struct arguments {
  std::string socket = {};
  std::string data_dir = "/var/lib/provisiond";
  std::string colour = "auto";
  bool as_json = false;
  std::string id = {};
  std::string reason = {};
  std::string shell = {};
  std::string type = {};
  bool whole_node = false;
  bool parked = false;
  bool with_document = false;
  list_choice list = {};
  events_choice events = {};
  logs_choice logs = {};
  journal_choice journal = {};
  /// A file or folder to read or write; empty: standard output, or none.
  std::string path = {};
  std::string store = {};
  std::string known_line = {};
  std::string level = {};
  std::string config_file = {};
  std::string state = {};
  bool is_cancelled = false;
  repetition again = {};
};

/// What was chosen, once the line is read.
using action = std::function<int(const surroundings&)>;

/// Adds a command that does `what`.
CLI::App* add(CLI::App& to, action& chosen, const char* name,
              const char* description, action what);

void show_example(CLI::App& command, const std::string& text);

/// "5s", "500ms", "2m": an option that takes a span of time.
CLI::Option* add_span(CLI::App& to, const char* names,
                      std::chrono::milliseconds& span, const char* description);

/// --watch and what goes with it.
void add_watch(CLI::App& command, repetition& again);

/// Commands that work on files: journal, plan, submit, bundle, export, import.
void add_file_commands(CLI::App& app, arguments& given, action& chosen);

/// Commands that go on for a while: wait, drain, top; and log.
void add_live_commands(CLI::App& app, arguments& given, action& chosen);

} // namespace provision::ctl
