#include "control/documents_given.hpp"

#include <string>

#include "actors/sources/replay_source.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

constexpr std::string_view white_space = " \t\r\n";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(white_space) == std::string_view::npos;
}

received_text owned(std::string_view text) {
  return own_text(std::string{text}, guess_form(text));
}

expected<std::vector<received_text>> lines_of(std::string_view text) {
  std::vector<received_text> found;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (is_blank(line))
      continue;
    if (auto wrong = json::check_json(line))
      return fail(errc::malformed_input,
                  "line " + std::to_string(number) + ": " + wrong.message);
    found.push_back(owned(line));
  }
  return found;
}

} // namespace

expected<std::vector<received_text>> documents_given(std::string_view text) {
  if (is_blank(text))
    return fail(errc::malformed_input, "there is no reservation in it");
  text.remove_prefix(text.find_first_not_of(white_space));
  if (text.front() == '[') {
    auto page = json::split_page(std::string{text});
    if (!page)
      return page;
    for (auto& one : *page)
      one.form = guess_form(one.text);
    if (page->empty())
      return fail(errc::malformed_input, "there is no reservation in it");
    return page;
  }
  if (!json::check_json(text))
    return std::vector{owned(text)};
  return lines_of(text);
}

} // namespace provision
