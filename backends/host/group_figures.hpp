#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shim/small_file.hpp"

/// Figures in the files of control groups.
namespace provision::group_figures {

using figure = std::optional<std::uint64_t>;

/// The number at the beginning of a text.
inline figure number_in(const std::string& text) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  return std::from_chars(text.data(), end, number).ec == std::errc{}
           ? figure{number}
           : figure{};
}

/// The number behind "<key> " at the beginning of a line.
inline figure number_behind(const std::string& text, const std::string& key) {
  const auto at = ("\n" + text).find("\n" + key + ' ');
  return at == std::string::npos ? figure{}
                                 : number_in(text.substr(at + key.size() + 1));
}

} // namespace provision::group_figures
