#include <algorithm>

#include "config/key_table.hpp"
#include "config/node_config.hpp"
#include "config/reference.hpp"

namespace provision::config {
namespace {

/// `text` as comment lines of at most 80 columns.
std::string as_comment(std::string_view text) {
  constexpr std::size_t width = 78;
  std::string out;
  while (!text.empty()) {
    auto length = text.size();
    if (length > width) {
      length = text.rfind(' ', width);
      if (length == std::string_view::npos)
        length = std::min(text.find(' '), text.size());
    }
    out.append("# ").append(text.substr(0, length)).append("\n");
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return out;
}

/// Calls `open` before the first key of each section and `each` for each key.
template <class Open, class Each>
void for_each_key(Open open, Each each) {
  std::string_view section;
  for (const auto& key : describe()) {
    if (section_of(key.key) != section) {
      section = section_of(key.key);
      open(section);
    }
    each(key);
  }
}

/// A '|' would end a cell of a Markdown table.
std::string as_cell(std::string_view text) {
  std::string out;
  for (const char c : text)
    out.append(c == '|' ? "\\|" : std::string(1, c));
  return out;
}

constexpr std::string_view reference_head = R"(# Configuration

`provisiond` reads one TOML file. Every key has a default, so the file holds
only what differs; `config/example.conf` shows them all. `provisiond check`
tells whether a file is good, and names line, column and key if it is not.

- A **duration** is a text of a whole number and `ms`, `s`, `m` or `h`: `"250ms"`.
- A **size** is a text of a whole number and `KiB`, `MiB`, `GiB` or `TiB`: `"64MiB"`.
- A **list** stands in brackets: `["volume"]`.
- A number without its unit is refused where a unit is expected, and so is a key
  that does not exist.

A change of a key that is marked `live` is taken over when the daemon gets a
SIGHUP; one marked `restart` waits for the next start, and the daemon says so.

Rules that concern several keys: there is a source (`explorer.url` or
`replay.file`); each `..._delay` is at most its `..._delay_max`;
`explorer.ca_file` is set only with an `https://` explorer.

This page is made from the table of keys in `config/key_table.cpp`.
)";

} // namespace

const std::vector<key_description>& describe() {
  static const auto keys = [] {
    const node_config defaults;
    std::vector<key_description> all;
    for (const auto& row : key_table())
      all.push_back({std::string{row.key}, row.unit, row.show(defaults),
                     std::string{row.text}, row.allowed, row.is_live});
    return all;
  }();
  return keys;
}

std::string example() {
  std::string out = "# Configuration of provisiond: every key at its default. "
                    "A file needs to hold\n"
                    "# only what differs, and one source: explorer.url or "
                    "replay.file.\n";
  for_each_key(
    [&](std::string_view section) {
      out.append("\n[").append(section).append("]\n");
    },
    [&](const key_description& key) {
      out.append("\n").append(as_comment(key.text));
      out.append(as_comment("(" + key.unit + ": " + key.allowed + ")"));
      out.append(name_of(key.key)).append(" = ").append(key.default_value);
      out.append("\n");
    });
  return out;
}

std::string write(const node_config& settings) {
  std::string out;
  std::string_view section;
  for (const auto& row : key_table()) {
    if (section_of(row.key) != section) {
      section = section_of(row.key);
      out.append("[").append(section).append("]\n");
    }
    out.append(name_of(row.key)).append(" = ").append(row.show(settings));
    out.append("\n");
  }
  return out;
}

std::string reference() {
  std::string out{reference_head};
  for_each_key(
    [&](std::string_view section) {
      out.append("\n## [").append(section).append("]\n\n");
      out.append("| key | default | allowed | what it is for | change |\n");
      out.append("|---|---|---|---|---|\n");
    },
    [&](const key_description& key) {
      out.append("| `").append(name_of(key.key)).append("` | `");
      out.append(key.default_value).append("` | ").append(key.unit);
      out.append(": ").append(as_cell(key.allowed)).append(" | ");
      out.append(as_cell(key.text))
        .append(key.is_live ? " | live |\n" : " | restart |\n");
    });
  return out;
}

} // namespace provision::config
