#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Records as lines of text: a name, then fields behind tabs, in which tab,
/// line feed and backslash are escaped. The last line is "end", so that half a
/// record is none.
namespace provision::shim {

struct line {
  std::string name = {};
  std::vector<std::string> fields = {};
};

class line_writer {
public:
  void add(std::string_view name, std::string_view field);
  void add(std::string_view name, std::string_view first,
           std::string_view second);
  /// The whole record.
  std::string finish() &&;

private:
  std::string text_ = {};
};

/// Nothing if `text` is not a whole record.
std::vector<line> read_lines(std::string_view text);

} // namespace provision::shim
