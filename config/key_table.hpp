#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/form.hpp"
#include "config/node_config.hpp"

namespace provision::config {

/// All there is to know about one key. Parsing, checks, documentation and the
/// example file are made from these rows, so that nothing is written twice.
struct key_row {
  /// "explorer.poll_interval".
  std::string_view key;
  /// What the key is for, one or two sentences.
  std::string_view text;
  /// "duration", "size", "number", ...
  std::string unit;
  /// What may be written, for messages and documentation.
  std::string allowed;
  /// The value in `settings` as TOML.
  std::function<std::string(const node_config& settings)> show;
  /// Puts a value into `settings`; what is wrong with it, or empty.
  std::function<std::string(node_config& settings, const raw_value& value)> set;
  /// What is wrong with the value in `settings`, or empty.
  std::function<std::string(const node_config& settings)> complaint;
  /// A change is taken over by a running daemon (SIGHUP); else at its next
  /// start.
  bool is_live = false;
};

/// The rows in order of appearance; keys of one section stand together.
const std::vector<key_row>& key_table();

/// The text before the dot: "explorer".
std::string_view section_of(std::string_view key);

/// The text after the dot: "poll_interval".
std::string_view name_of(std::string_view key);

} // namespace provision::config
