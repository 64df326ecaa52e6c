#include "ctl/command_builder.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

namespace provision::ctl {

namespace {

std::optional<std::chrono::milliseconds> span_of(std::string_view text) {
  std::int64_t number = 0;
  auto [end, wrong]
    = std::from_chars(text.data(), text.data() + text.size(), number);
  constexpr std::int64_t number_max = 1'000'000;
  if (wrong != std::errc{} || number < 0 || number > number_max)
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text == "ms")
    return std::chrono::milliseconds{number};
  if (text == "s" || text.empty())
    return std::chrono::seconds{number};
  if (text == "m")
    return std::chrono::minutes{number};
  if (text == "h")
    return std::chrono::hours{number};
  return std::nullopt;
}

} // namespace

CLI::App* add(CLI::App& to, action& chosen, const char* name,
              const char* description, action what) {
  auto* command = to.add_subcommand(name, description);
  command->fallthrough();
  command->callback([&chosen, what, command] {
    // Runs after those of the commands below it, which say more.
    if (command->get_subcommands().empty())
      chosen = what;
  });
  return command;
}

void show_example(CLI::App& command, const std::string& text) {
  command.footer("Example:\n  provisionctl " + text);
}

CLI::Option* add_span(CLI::App& to, const char* names,
                      std::chrono::milliseconds& span,
                      const char* description) {
  return to
    .add_option_function<std::string>(
      names,
      [&span](const std::string& text) {
        auto read = span_of(text);
        if (!read)
          throw CLI::ValidationError{text + " is no span of time like 30s"};
        span = *read;
      },
      description)
    ->type_name("SPAN");
}

} // namespace provision::ctl
