#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace provision::config {

/// Number of single-character insertions, deletions, replacements and swaps of
/// neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that was most likely meant by `word`; empty if none is near.
/// A candidate with dots is also compared by its part after the last dot.
std::string_view nearest(std::string_view word,
                         std::span<const std::string_view> candidates);

} // namespace provision::config
