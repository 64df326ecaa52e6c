#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "config/key_table.hpp"
#include "config/nearest.hpp"
#include "config/node_config.hpp"

// The library stays in this file, header-only: no run-time dependency, and
// parse errors come back as values.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace provision::config {
namespace {

/// Larger files are a mistake in the path, not a configuration.
constexpr std::size_t file_bytes_max = 1U << 20U;

struct problem {
  toml::source_position where;
  std::string what;
};

std::string_view describe_type(toml::node_type type) {
  switch (type) {
  case toml::node_type::table:
    return "a table";
  case toml::node_type::array:
    return "a list";
  case toml::node_type::string:
    return "a text";
  case toml::node_type::integer:
    return "an integer";
  case toml::node_type::floating_point:
    return "a number with a fraction";
  case toml::node_type::boolean:
    return "true or false";
  default:
    return "a date or time";
  }
}

raw_value to_raw(const toml::node& node) {
  raw_value raw{.description = describe_type(node.type())};
  if (const auto* text = node.as_string()) {
    raw.what = raw_value::kind::text;
    raw.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    raw.what = raw_value::kind::integer;
    raw.integer = integer->get();
  } else if (const auto* list = node.as_array();
             list != nullptr && (list->empty()
                                 || list->is_homogeneous<std::string>())) {
    raw.what = raw_value::kind::texts;
    for (const auto& element : *list)
      raw.texts.push_back(element.as_string()->get());
  }
  return raw;
}

std::string suggestion(std::string_view unknown,
                       std::span<const std::string_view> candidates) {
  const auto meant = nearest(unknown, candidates);
  if (meant.empty())
    return {};
  return "; did you mean " + std::string{meant} + "?";
}

std::string unknown_key(const std::string& key) {
  std::vector<std::string_view> keys;
  for (const auto& row : key_table())
    keys.push_back(row.key);
  return key + ": unknown key" + suggestion(key, keys);
}

bool is_section(std::string_view name) {
  return std::ranges::any_of(key_table(), [name](const key_row& row) {
    return section_of(row.key) == name;
  });
}

std::string unknown_section(const std::string& name) {
  std::vector<std::string_view> sections;
  for (const auto& row : key_table())
    if (sections.empty() || sections.back() != section_of(row.key))
      sections.push_back(section_of(row.key));
  return name + ": unknown section" + suggestion(name, sections);
}

/// Puts one value into `settings`, or says what is wrong with it.
std::optional<problem> take_value(node_config& settings, const std::string& key,
                                  toml::source_position key_position,
                                  const toml::node& value) {
  const auto row = std::ranges::find(key_table(), key, &key_row::key);
  if (row == key_table().end())
    return problem{key_position, unknown_key(key)};
  const auto complaint = row->set(settings, to_raw(value));
  if (complaint.empty())
    return {};
  return problem{value.source().begin,
                 key + ": " + complaint + " (allowed: " + row->allowed + ")"};
}

/// What is wrong with something at the top that is not a known section.
std::string misplaced(const std::string& name, bool is_table) {
  if (is_section(name))
    return name + ": is a section; write [" + name + "] on a line of its own";
  return is_table ? unknown_section(name) : unknown_key(name);
}

/// Everything wrong with a file, in any order.
std::vector<problem> take_file(node_config& settings, const toml::table& root) {
  std::vector<problem> problems;
  for (const auto& [first, node] : root) {
    const std::string section{first.str()};
    const auto* table = node.as_table();
    if (table == nullptr || !is_section(section)) {
      problems.push_back(
        {first.source().begin, misplaced(section, table != nullptr)});
      continue;
    }
    for (const auto& [second, value] : *table) {
      auto found
        = take_value(settings, section + "." + std::string{second.str()},
                     second.source().begin, value);
      if (found)
        problems.push_back(std::move(*found));
    }
  }
  return problems;
}

tl::unexpected<error> refuse(std::string_view name, toml::source_position where,
                             std::string_view what) {
  auto text = std::string{name}.append(":");
  text.append(std::to_string(where.line)).append(":");
  text.append(std::to_string(where.column)).append(": ").append(what);
  return fail(errc::invalid_configuration, std::move(text));
}

} // namespace

expected<node_config> parse(std::string_view toml, std::string_view name) {
  auto parsed = toml::parse(toml, name);
  if (!parsed)
    return refuse(name, parsed.error().source().begin,
                  "not valid TOML: "
                    + std::string{parsed.error().description()});
  node_config settings;
  const auto problems = take_file(settings, parsed.table());
  if (problems.empty())
    return settings;
  // The library sorts by key; a reader goes by line.
  const auto first
    = std::ranges::min_element(problems, [](const auto& a, const auto& b) {
        return std::pair{a.where.line, a.where.column}
               < std::pair{b.where.line, b.where.column};
      });
  auto what = first->what;
  if (problems.size() > 1)
    what += "; and " + std::to_string(problems.size() - 1) + " more";
  return refuse(name, first->where, what);
}

expected<node_config> load(const std::string& path) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text;
  if (file) {
    std::array<char, 4096> chunk{};
    while (text.size() <= file_bytes_max
           && (file.read(chunk.data(), chunk.size()), file.gcount() > 0))
      text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    const int number = errno;
    return fail(
      errc::invalid_configuration,
      path + ": cannot be read: " + std::generic_category().message(number),
      number);
  }
  if (text.size() > file_bytes_max)
    return fail(errc::invalid_configuration,
                path + ": larger than 1MiB, not a configuration");
  return parse(text, path);
}

} // namespace provision::config
