#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The text format of Prometheus, version 0.0.4, read strictly: whatever the
/// format or its conventions forbid is thrown with the line.
namespace provision::test {

struct exposition_sample {
  /// As written: the family's name, for histograms with its suffix.
  std::string name = {};
  std::map<std::string, std::string> labels = {};
  double value = 0;
};

struct exposition_family {
  std::string name = {};
  std::string help = {};
  std::string type = {};
  std::vector<exposition_sample> samples = {};

  /// The sample with exactly these labels; throws if there is none.
  double value(const std::map<std::string, std::string>& labels = {},
               std::string_view suffix = {}) const;
};

/// Families in their order.
std::vector<exposition_family> read_exposition(const std::string& text);

/// The one with this name; throws if there is none.
const exposition_family& family_of(const std::vector<exposition_family>& all,
                                   std::string_view name);

} // namespace provision::test
