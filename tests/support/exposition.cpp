#include "tests/support/exposition.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>

namespace provision::test {

namespace {

[[noreturn]] void broken(const std::string& what, std::string_view where) {
  throw std::runtime_error{what + ": " + std::string{where}};
}

bool is_name(std::string_view text, bool may_have_colons) {
  auto fits = [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'
           || (may_have_colons && c == ':');
  };
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0
         && std::all_of(text.begin(), text.end(), fits);
}

double number_of(std::string_view text, std::string_view line) {
  if (text == "+Inf")
    return std::numeric_limits<double>::infinity();
  if (text == "-Inf")
    return -std::numeric_limits<double>::infinity();
  if (text == "NaN")
    return std::nan("");
  std::string copy{text};
  char* end = nullptr;
  auto value = std::strtod(copy.c_str(), &end);
  bool begins_well = !copy.empty()
                     && (std::isdigit(static_cast<unsigned char>(copy[0])) != 0
                         || copy[0] == '-' || copy[0] == '+' || copy[0] == '.');
  if (!begins_well || *end != '\0')
    broken("no number", line);
  return value;
}

/// Takes `{name="value",...}` off the front of `rest`.
std::map<std::string, std::string> take_labels(std::string_view& rest,
                                               std::string_view line) {
  std::map<std::string, std::string> labels;
  rest.remove_prefix(1);
  while (true) {
    auto equals = rest.find("=\"");
    if (equals == std::string_view::npos)
      broken("label without value", line);
    std::string name{rest.substr(0, equals)};
    if (!is_name(name, false) || name.starts_with("__"))
      broken("name of a label", line);
    rest.remove_prefix(equals + 2);
    std::string value;
    while (!rest.empty() && rest[0] != '"') {
      if (rest[0] == '\\') {
        rest.remove_prefix(1);
        if (rest.empty()
            || std::string_view{"\\\"n"}.find(rest[0]) == rest.npos)
          broken("escape", line);
        value += rest[0] == 'n' ? '\n' : rest[0];
      } else {
        value += rest[0];
      }
      rest.remove_prefix(1);
    }
    if (rest.size() < 2)
      broken("label does not end", line);
    if (!labels.emplace(name, value).second)
      broken("label twice", line);
    auto next = rest[1];
    rest.remove_prefix(2);
    if (next == '}')
      return labels;
    if (next != ',')
      broken("between labels", line);
  }
}

exposition_sample read_sample(std::string_view line) {
  exposition_sample sample;
  auto end = line.find_first_of("{ ");
  if (end == std::string_view::npos)
    broken("no value", line);
  sample.name = line.substr(0, end);
  if (!is_name(sample.name, false))
    broken("name", line);
  auto rest = line.substr(end);
  if (rest[0] == '{')
    sample.labels = take_labels(rest, line);
  if (rest.empty() || rest[0] != ' ')
    broken("no blank before the value", line);
  sample.value = number_of(rest.substr(1), line);
  return sample;
}

bool belongs(const exposition_sample& sample, const exposition_family& to) {
  if (to.type != "histogram")
    return sample.name == to.name;
  return sample.name == to.name + "_sum" || sample.name == to.name + "_count"
         || (sample.name == to.name + "_bucket"
             && sample.labels.contains("le"));
}

/// One histogram: the samples that have these labels beside "le".
void check_histogram(const exposition_family& family,
                     const std::map<std::string, std::string>& labels) {
  double end = -std::numeric_limits<double>::infinity();
  double so_far = 0;
  for (auto& one : family.samples) {
    auto own = one.labels;
    auto le = own.extract("le");
    if (!le || own != labels)
      continue;
    auto next = number_of(le.mapped(), family.name);
    if (!(next > end) || one.value < so_far)
      broken("ranges do not grow", family.name);
    end = next;
    so_far = one.value;
  }
  if (!std::isinf(end) || so_far != family.value(labels, "_count"))
    broken("last range is not the count", family.name);
  if (family.value(labels, "_sum") < 0)
    broken("negative sum", family.name);
}

void check_family(const exposition_family& family) {
  static const std::set<std::string> types{"counter", "gauge", "histogram"};
  if (!types.contains(family.type))
    broken("type", family.name);
  if (family.help.empty())
    broken("no help", family.name);
  bool is_total = family.name.ends_with("_total");
  if (is_total != (family.type == "counter"))
    broken("counters, and they alone, end in _total", family.name);
  for (auto* suffix : {"_bucket", "_count", "_sum"})
    if (family.name.ends_with(suffix))
      broken("suffix", family.name);
  std::set<std::pair<std::string, std::map<std::string, std::string>>> seen;
  for (auto& one : family.samples) {
    if (!seen.emplace(one.name, one.labels).second)
      broken("sample twice", one.name);
    if (family.type == "counter" && one.value < 0)
      broken("negative counter", one.name);
  }
  if (family.type == "histogram")
    for (auto& one : family.samples)
      if (one.name.ends_with("_count"))
        check_histogram(family, one.labels);
}

} // namespace

double
exposition_family::value(const std::map<std::string, std::string>& labels,
                         std::string_view suffix) const {
  for (auto& one : samples)
    if (one.name == name + std::string{suffix} && one.labels == labels)
      return one.value;
  broken("no such sample", name + std::string{suffix});
}

std::vector<exposition_family> read_exposition(const std::string& text) {
  std::vector<exposition_family> all;
  std::set<std::string> names;
  if (!text.ends_with('\n'))
    broken("no end of line at the end", "");
  std::string_view rest = text;
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (line.starts_with("# HELP ")) {
      auto words = line.substr(7);
      auto name = std::string{words.substr(0, words.find(' '))};
      if (!is_name(name, false) || !names.insert(name).second)
        broken("family twice, or its name", line);
      all.push_back({name, std::string{words.substr(name.size() + 1)}, {}, {}});
    } else if (line.starts_with("# TYPE ")) {
      auto words = line.substr(7);
      if (all.empty() || !all.back().type.empty()
          || !words.starts_with(all.back().name + " "))
        broken("type does not follow its help", line);
      all.back().type = words.substr(all.back().name.size() + 1);
    } else {
      auto sample = read_sample(line);
      if (all.empty() || all.back().type.empty()
          || !belongs(sample, all.back()))
        broken("sample of another family", line);
      all.back().samples.push_back(std::move(sample));
    }
  }
  for (auto& family : all)
    check_family(family);
  return all;
}

const exposition_family& family_of(const std::vector<exposition_family>& all,
                                   std::string_view name) {
  for (auto& family : all)
    if (family.name == name)
      return family;
  broken("no such family", name);
}

} // namespace provision::test
