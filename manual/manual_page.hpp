#pragma once

#include <string>
#include <vector>

#include "manual/roff.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace provision {

/// What a program's own description of its command line does not hold.
struct manual_facts {
  roff::title title;
  struct file {
    std::string path;
    std::string purpose;
  };
  std::vector<file> files = {};
  /// "provisionctl(1)", ...
  std::vector<std::string> see_also = {};
};

/// The manual page of a program: every command and option that `--help` shows,
/// in its words.
std::string manual_page(const CLI::App& program, const manual_facts& facts);

/// Gives `program` the option --man, which `--help` does not show: prints its
/// page and ends.
void add_manual(CLI::App& program, manual_facts facts);

} // namespace provision
