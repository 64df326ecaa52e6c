#pragma once

#include <CLI/CLI.hpp>

#include "messages/error.hpp"

namespace provision::simulated {

/// Adds the commands with which a person acts as a user of an explorer. Once
/// the command line was read, `failure` says whether the chosen one worked.
void add_user_commands(CLI::App& program, error& failure);

} // namespace provision::simulated
