#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "config/node_config.hpp"
#include "messages/error.hpp"

/// What the program does, one function per command. Each returns the exit
/// code: 0 done, 1 failed, 2 wrong usage or configuration.
namespace provision::commands {

/// Reads the configuration again, checked; called at SIGHUP.
using config_reader = std::function<expected<config::node_config>()>;

/// Runs the node until SIGTERM or SIGINT.
int run(const config::node_config& settings, const config_reader& read_again);

/// Serves one workload type to the daemon that started this process, and then
/// returns only if it cannot; or to the daemon of another host, as `workers.*`
/// says, until SIGTERM.
int worker(const config::node_config& settings, const std::string& type,
           std::ostream& err);

/// Says whether the configuration is sound.
int check(const std::string& file, std::ostream& out);

/// Makes the node's key file; fails if there is one.
int identity_new(const config::node_config& settings, std::ostream& out);

/// Prints the node's id and public key.
int identity_show(const config::node_config& settings, bool as_json,
                  std::ostream& out);

/// Takes over the original's cache folder.
int import_folder(const config::node_config& settings,
                  const std::string& folder, std::ostream& out);

/// Checks the store, and mends it if asked to.
int fsck(const config::node_config& settings, const std::string& folder,
         bool repair, bool as_json, std::ostream& out);

/// Tells for every workload type what this host can do and what to install
/// for more. 0 also if the host can do nothing.
int probe(const config::node_config& settings, bool as_json, std::ostream& out);

} // namespace provision::commands
