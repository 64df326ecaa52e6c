#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

/// Fixed inputs and outputs of the original, in tests/golden.
namespace provision {

/// The bytes of a golden file, without the line feed at its end.
inline std::string golden_text(const std::string& path) {
  std::ifstream file{"tests/golden/" + path, std::ios::binary};
  if (!file)
    throw std::runtime_error{"cannot read tests/golden/" + path};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.ends_with('\n'))
    text.pop_back();
  return text;
}

/// Rows "<case> TAB <field> TAB <value>" as [case][field].
inline std::map<std::string, std::map<std::string, std::string>>
golden_rows(const std::string& path) {
  std::map<std::string, std::map<std::string, std::string>> rows;
  std::ifstream file{"tests/golden/" + path, std::ios::binary};
  if (!file)
    throw std::runtime_error{"cannot read tests/golden/" + path};
  for (std::string name, field, value; std::getline(file, name, '\t')
                                       && std::getline(file, field, '\t')
                                       && std::getline(file, value);)
    rows[name][field] = value;
  return rows;
}

} // namespace provision
