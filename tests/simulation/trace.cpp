#include "tests/simulation/trace.hpp"

#include <array>
#include <cstdio>

namespace provision::simulation {

void trace::note(std::string_view text) {
  hash_ = hash_of(text, hash_ ^ step ^ static_cast<std::uint64_t>(now.count()));
  if (lines_max_ == 0)
    return;
  std::array<char, 48> head{};
  std::snprintf(head.data(), head.size(), "%8llu %12.3f s  ",
                static_cast<unsigned long long>(step),
                std::chrono::duration<double>(now).count());
  lines_.push_back(std::string{head.data()}.append(text));
  if (lines_.size() > lines_max_)
    lines_.pop_front();
}

} // namespace provision::simulation
