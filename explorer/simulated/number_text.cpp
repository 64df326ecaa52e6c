#include "explorer/simulated/number_text.hpp"

#include <charconv>
#include <cmath>

namespace provision::simulated {

std::string number_text(double number) {
  auto size = std::abs(number);
  bool has_exponent = size != 0 && (size < 1e-6 || size >= 1e21);
  char text[400];
  auto end = std::to_chars(text, text + sizeof text, number,
                           has_exponent ? std::chars_format::scientific
                                        : std::chars_format::fixed)
               .ptr;
  std::string written{text, end};
  // Go writes e-7 where C++ writes e-07.
  auto at = written.find("e-0");
  if (at != written.npos)
    written.erase(at + 2, 1);
  return written;
}

} // namespace provision::simulated
