#include "shim/lines.hpp"

namespace provision::shim {

namespace {

constexpr std::string_view last_line = "end\n";

void append_escaped(std::string& to, std::string_view field) {
  for (const char byte : field) {
    if (byte == '\t')
      to += "\\t";
    else if (byte == '\n')
      to += "\\n";
    else if (byte == '\\')
      to += "\\\\";
    else
      to += byte;
  }
}

std::string unescaped(std::string_view field) {
  std::string result;
  for (std::size_t at = 0; at < field.size(); ++at) {
    if (field[at] != '\\' || at + 1 == field.size()) {
      result += field[at];
      continue;
    }
    ++at;
    if (field[at] == 't')
      result += '\t';
    else if (field[at] == 'n')
      result += '\n';
    else
      result += field[at];
  }
  return result;
}

line read_line(std::string_view text) {
  line result;
  auto tab = text.find('\t');
  result.name = text.substr(0, tab);
  while (tab != std::string_view::npos) {
    text.remove_prefix(tab + 1);
    tab = text.find('\t');
    result.fields.push_back(unescaped(text.substr(0, tab)));
  }
  return result;
}

} // namespace

void line_writer::add(std::string_view name, std::string_view field) {
  text_ += name;
  text_ += '\t';
  append_escaped(text_, field);
  text_ += '\n';
}

void line_writer::add(std::string_view name, std::string_view first,
                      std::string_view second) {
  text_ += name;
  text_ += '\t';
  append_escaped(text_, first);
  text_ += '\t';
  append_escaped(text_, second);
  text_ += '\n';
}

std::string line_writer::finish() && {
  text_ += last_line;
  return std::move(text_);
}

std::vector<line> read_lines(std::string_view text) {
  if (!text.ends_with(last_line)
      || (text.size() > last_line.size()
          && text[text.size() - last_line.size() - 1] != '\n'))
    return {};
  text.remove_suffix(last_line.size());
  std::vector<line> result;
  while (!text.empty()) {
    const auto end = text.find('\n');
    result.push_back(read_line(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  return result;
}

} // namespace provision::shim
