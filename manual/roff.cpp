#include "manual/roff.hpp"

namespace provision::roff {

namespace {

constexpr auto end_of_text = std::string_view::npos;

/// Quotes separate the arguments of a macro.
std::string argument(std::string_view plain) {
  std::string text = "\"";
  for (const char c : escape(plain))
    text += c == '"' ? std::string{"\\(dq"} : std::string(1, c);
  return text + '"';
}

/// A line that begins like a request must not be one.
std::string line(std::string_view plain) {
  auto text = escape(plain);
  if (!text.empty() && (text.front() == '.' || text.front() == '\''))
    text.insert(0, "\\&");
  return text + '\n';
}

std::string upper_case(std::string_view text) {
  std::string upper;
  for (const char c : text)
    upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

} // namespace

std::string escape(std::string_view plain) {
  std::string text;
  for (const char c : plain) {
    if (c == '\\')
      text += "\\e";
    else if (c == '-')
      text += "\\-";
    else if (c == '\'')
      text += "\\(aq";
    else if (c == '^')
      text += "\\(ha";
    else if (c == '~')
      text += "\\(ti";
    else
      text += c;
  }
  return text;
}

std::string head(const title& of) {
  // No date: the same sources give the same page.
  return ".TH " + upper_case(of.name) + ' ' + std::to_string(of.section)
         + " \"\" " + argument(of.origin) + '\n' + section("NAME")
         + escape(of.name) + " \\- " + escape(of.summary) + '\n';
}

std::string section(std::string_view name) {
  return ".SH " + argument(name) + '\n';
}

std::string subsection(std::string_view name) {
  return ".SS " + argument(name) + '\n';
}

std::string paragraph(std::string_view plain) {
  return ".PP\n" + line(plain);
}

std::string item(std::string_view tag, std::string_view plain) {
  return ".TP\n.B " + escape(tag) + '\n' + line(plain);
}

std::string verbatim(std::string_view lines) {
  std::string text = ".PP\n.EX\n";
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    text += line(lines.substr(0, end));
    lines.remove_prefix(end == end_of_text ? lines.size() : end + 1);
  }
  return text + ".EE\n";
}

std::string page(std::string pieces) {
  constexpr std::string_view paragraph_mark = "\n.PP\n";
  for (auto place = pieces.find(paragraph_mark); place != end_of_text;
       place = pieces.find(paragraph_mark, place + 1)) {
    const auto start = pieces.rfind('\n', place - 1) + 1;
    if (pieces.compare(start, 2, ".S") == 0)
      pieces.erase(place + 1, paragraph_mark.size() - 1);
  }
  return pieces;
}

} // namespace provision::roff
