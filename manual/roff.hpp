#pragma once

#include <string>
#include <string_view>

/// Pieces of a manual page, in the language of man(7). Each ends its line.
namespace provision::roff {

/// What stands above a page: "provisiond", 8, "provisiond 0.1.0".
struct title {
  std::string name;
  int section = 1;
  std::string origin;
  /// One line without a full stop, as apropos(1) lists it.
  std::string summary;
};

/// `plain` so that it is printed as it is.
std::string escape(std::string_view plain);

/// The first lines of a page, with its NAME section.
std::string head(const title& of);
std::string section(std::string_view name);
std::string subsection(std::string_view name);
std::string paragraph(std::string_view plain);
/// `tag` in bold, and below it the text.
std::string item(std::string_view tag, std::string_view plain);
/// Lines that keep their breaks and blanks, in a fixed font.
std::string verbatim(std::string_view lines);

/// The pieces as a page: a heading begins a paragraph by itself.
std::string page(std::string pieces);

} // namespace provision::roff
