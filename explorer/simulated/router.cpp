#include "explorer/simulated/router.hpp"

#include <algorithm>
#include <cctype>

namespace provision::simulated {

namespace {

bool is_digits(std::string_view text) {
  return !text.empty()
         && std::all_of(text.begin(), text.end(),
                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_gwid(std::string_view text) {
  auto dash = text.find('-');
  return dash != text.npos && is_digits(text.substr(0, dash))
         && is_digits(text.substr(dash + 1));
}

/// Takes the first segment off `path`, which starts with a slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool matches_segment(std::string_view pattern, std::string_view segment) {
  if (pattern == "{any}")
    return !segment.empty();
  if (pattern == "{digits}")
    return is_digits(segment);
  return is_gwid(segment);
}

bool matches_path(std::string_view pattern, std::string_view path,
                  std::vector<std::string>& variables) {
  variables.clear();
  while (!pattern.empty() && !path.empty()) {
    auto wanted = take_segment(pattern);
    auto given = take_segment(path);
    if (!wanted.starts_with('{')) {
      if (wanted != given)
        return false;
      continue;
    }
    if (!matches_segment(wanted, given))
      return false;
    variables.emplace_back(given);
  }
  return pattern.empty() && path.empty();
}

bool matches(const route& r, call& c) {
  auto mark = r.pattern.find('?');
  if (!matches_path(r.pattern.substr(0, mark), c.path, c.variables))
    return false;
  return mark == r.pattern.npos
         || is_digits(c.parameter(r.pattern.substr(mark + 1)));
}

} // namespace

const route* find_route(call& c, response& otherwise) {
  if (!c.path.starts_with('/') || clean_path(c.path) != c.path) {
    auto mark = c.request.target.find('?');
    auto query = mark == std::string::npos ? std::string{}
                                           : c.request.target.substr(mark);
    otherwise = moved(clean_path(c.path) + query);
    return nullptr;
  }
  bool other_method = false;
  for (const auto& each : routes()) {
    // Compared first because it is cheap and rules out half of the routes.
    bool same_method = each.method == c.request.method;
    if (!same_method && other_method)
      continue;
    if (!matches(each, c))
      continue;
    if (same_method)
      return &each;
    other_method = true;
  }
  otherwise = other_method ? wrong_method() : no_such_page();
  return nullptr;
}

} // namespace provision::simulated
