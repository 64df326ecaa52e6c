#pragma once

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace provision::journeys {

/// What /proc/<pid>/stat says.
struct process_entry {
  pid_t pid = 0;
  std::string name = {};
  /// 'R', 'S', 'T' (stopped), 'Z' (a zombie), ...
  char state = '?';
  pid_t parent = 0;
};

inline std::optional<process_entry> look_at(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  // Not by iterators: they throw if it ends meanwhile.
  std::string text;
  std::getline(file, text, '\0');
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos)
    return std::nullopt;
  process_entry found{.pid = pid,
                      .name = text.substr(open + 1, close - open - 1)};
  std::istringstream rest{text.substr(close + 1)};
  rest >> found.state >> found.parent;
  return found;
}

/// Every child of a process, zombies too.
inline std::vector<process_entry> children_of(pid_t parent) {
  std::vector<process_entry> all;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    auto found = look_at(static_cast<pid_t>(std::stol(name)));
    if (found && found->parent == parent)
      all.push_back(*found);
  }
  return all;
}

/// Whether it runs no more; a zombie that is another's to reap counts.
inline bool has_ended(pid_t pid) {
  const auto found = look_at(pid);
  return !found || found->state == 'Z';
}

} // namespace provision::journeys
