#include "manual/manual_page.hpp"

#include <CLI/CLI.hpp>

#include <string_view>
#include <utility>

namespace provision {

namespace {

using namespace std::string_view_literals;

bool is_shown(const CLI::Option* option) {
  return !option->get_group().empty();
}

/// "-c, --config TEXT", or the name of an argument.
std::string tag_of(const CLI::Option& option) {
  auto tag = option.get_positional() ? option.get_name(true)
                                     : option.get_name(false, true);
  std::string spaced;
  for (const char c : tag)
    spaced += c == ',' ? std::string{", "} : std::string(1, c);
  const bool takes_value = option.get_items_expected_max() > 0;
  if (!option.get_positional() && takes_value)
    spaced += " " + option.get_type_name();
  return spaced;
}

std::string text_of(const CLI::Option& option) {
  auto text = option.get_description();
  if (option.get_required() && !option.get_positional())
    text += text.empty() ? "required" : "; required";
  return text.empty() ? option.get_name() : text;
}

/// Of `command` and of the groups of options in it, which have no name.
std::string options_of(const CLI::App& command) {
  std::string text;
  for (const auto* option : command.get_options())
    if (is_shown(option) && option->get_name() != "--help")
      text += roff::item(tag_of(*option), text_of(*option));
  for (const auto* group : command.get_subcommands({}))
    if (group->get_name().empty())
      text += options_of(*group);
  return text;
}

/// The arguments of a command, for its heading.
std::string arguments_of(const CLI::App& command) {
  std::string text;
  for (const auto* option : command.get_options())
    if (option->get_positional())
      text += option->get_required() ? " " + option->get_name(true)
                                     : " [" + option->get_name(true) + "]";
  for (const auto* group : command.get_subcommands({}))
    if (group->get_name().empty())
      text += arguments_of(*group);
  return text;
}

/// `text` without the empty lines around it.
std::string_view trimmed(std::string_view text) {
  while (text.starts_with('\n'))
    text.remove_prefix(1);
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  return text;
}

/// Every command below `parent`, named with those above it.
std::string commands_of(const CLI::App& parent, const std::string& above) {
  std::string text;
  for (const auto* command : parent.get_subcommands({})) {
    if (command->get_name().empty() || command->get_group().empty())
      continue;
    const auto name = above + command->get_name();
    text += roff::subsection(name + arguments_of(*command));
    text += roff::paragraph(command->get_description());
    text += options_of(*command);
    // One that has none of its own inherits its parent's.
    if (const auto footer = command->get_footer();
        footer != parent.get_footer())
      text += roff::verbatim(trimmed(footer));
    text += commands_of(*command, name + " ");
  }
  return text;
}

/// A part of the footer has a title of its own: "Examples:", "Exit codes: 0
/// done". What has none is a note.
std::string footer_part(std::string_view part) {
  for (const auto& [title, name] :
       {std::pair{"Examples:"sv, "EXAMPLES"}, {"Exit codes:"sv, "EXIT STATUS"}})
    if (part.starts_with(title)) {
      part.remove_prefix(part.find_first_not_of(' ', title.size()));
      return roff::section(name) + roff::verbatim(trimmed(part));
    }
  return roff::section("NOTES") + roff::verbatim(part);
}

std::string footer_of(const CLI::App& program) {
  const auto footer = program.get_footer();
  std::string text;
  for (auto rest = trimmed(footer); !rest.empty(); rest = trimmed(rest)) {
    const auto end = rest.find("\n\n");
    text += footer_part(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
  }
  return text;
}

std::string closing(const manual_facts& facts) {
  std::string text;
  if (!facts.files.empty())
    text += roff::section("FILES");
  for (const auto& file : facts.files)
    text += roff::item(file.path, file.purpose);
  std::string pages;
  for (const auto& page : facts.see_also)
    pages += (pages.empty() ? "" : ", ") + page;
  return text + roff::section("SEE ALSO") + roff::paragraph(pages);
}

} // namespace

std::string manual_page(const CLI::App& program, const manual_facts& facts) {
  const auto& name = facts.title.name;
  return roff::page(
    roff::head(facts.title) + roff::section("SYNOPSIS")
    + roff::paragraph(name + " [options] [command] [options]")
    + roff::section("DESCRIPTION") + roff::paragraph(program.get_description())
    + roff::section("OPTIONS") + options_of(program)
    + roff::item("-h, --help",
                 "what a program or command does, and how it is asked")
    + roff::section("COMMANDS") + commands_of(program, {}) + footer_of(program)
    + closing(facts));
}

void add_manual(CLI::App& program, manual_facts facts) {
  auto print = [&program, facts = std::move(facts)] {
    // As --version does: the text is printed, with an end of line, and nothing
    // else happens.
    auto page = manual_page(program, facts);
    page.pop_back();
    throw CLI::CallForVersion(page, 0);
  };
  program.add_flag_callback("--man", print)->group("");
}

} // namespace provision
