#pragma once

#include <cstdint>
#include <string>

namespace provision::bench {

/// One line on a terminal's standard error that says how far a run has come;
/// nothing if nobody watches.
class progress_line {
public:
  /// `total` may be 0: nobody knows.
  progress_line(std::string what, std::uint64_t total);
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;
  /// Wipes it.
  ~progress_line();

  void show(std::uint64_t done);

private:
  std::string what_;
  std::uint64_t total_;
  std::int64_t begin_;
  bool is_watched_;
};

} // namespace provision::bench
