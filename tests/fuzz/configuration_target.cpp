#include <string>

#include "config/key_table.hpp"
#include "config/node_config.hpp"
#include "tests/fuzz/targets.hpp"

namespace provision::fuzz {

namespace {

/// "name:12:3: ..." or a key of the table at the message's start.
bool names_a_place(std::string_view message) {
  constexpr std::string_view name = "file:";
  if (message.starts_with(name))
    return message.size() > name.size() && message[name.size()] >= '0'
           && message[name.size()] <= '9';
  for (const auto& row : config::key_table())
    if (message.starts_with(row.key))
      return true;
  return false;
}

std::string as_toml(const config::node_config& settings) {
  std::string text;
  std::string_view section;
  for (const auto& row : config::key_table()) {
    if (config::section_of(row.key) != section) {
      section = config::section_of(row.key);
      text.append("[").append(section).append("]\n");
    }
    text.append(config::name_of(row.key)).append(" = ");
    text.append(row.show(settings)).append("\n");
  }
  return text;
}

} // namespace

void configuration(std::string_view bytes) {
  auto settings = config::parse(bytes, "file");
  if (!settings) {
    require(settings.error().code == errc::invalid_configuration,
            "a file that is refused is an invalid configuration");
    require(names_a_place(settings.error().message),
            "a refusal names the line: " + settings.error().message);
    return;
  }
  if (auto broken = config::validate(*settings))
    require(names_a_place(broken.message),
            "a broken rule names its key: " + broken.message);
  const auto first = as_toml(*settings);
  auto again = config::parse(first, "file");
  require_same("configuration", first,
               again ? as_toml(*again) : again.error().message);
}

} // namespace provision::fuzz
