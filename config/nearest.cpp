#include "config/nearest.hpp"

#include <algorithm>
#include <vector>

namespace provision::config {
namespace {

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table suffice; a swap looks two rows back.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::string_view nearest(std::string_view word,
                         std::span<const std::string_view> candidates) {
  // A third of the word may be wrong: more than that is another word.
  std::size_t best = std::max<std::size_t>(2, last_part(word).size() / 3) + 1;
  std::string_view found;
  for (const auto candidate : candidates) {
    const auto whole = edit_distance(word, candidate);
    const auto part = edit_distance(last_part(word), last_part(candidate));
    // The right name in a wrong section is nearer than any misspelling of
    // equal cost, hence the one on top for the section.
    const auto distance = std::min(whole, part + (whole > part ? 1 : 0));
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

} // namespace provision::config
