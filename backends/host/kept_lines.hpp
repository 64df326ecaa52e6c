#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "backends/workload_output.hpp"
#include "messages/error.hpp"

namespace provision {

/// Reads the lines of a stream that a shim keeps, a few at a time, and knows
/// from where to go on. Holds at most some hundred KiB. One thread at a time.
class kept_lines {
public:
  /// Lines that take() yields at once, and bytes of one; what is longer is
  /// cut into several.
  static constexpr std::size_t lines_max = 64;
  static constexpr std::size_t line_bytes_max = 16U << 10U;

  /// `path`: of the youngest file.
  kept_lines(std::string path, output_place from)
    : path_{std::move(path)}, read_{from}, place_{from} {}

  /// The next lines that are ended, each with a line feed; none if there are
  /// none yet. The same again until they are done().
  expected<std::vector<std::string>> take();

  /// What take() yielded is where it belongs.
  void done();

  /// In front of the first line that is not done; at worst of an earlier one.
  output_place place() const { return place_; }

private:
  error refill();

  const std::string path_;
  /// Read, and not done.
  std::string text_ = {};
  /// Bytes of it that take() yielded.
  std::size_t taken_ = 0;
  /// Behind text_.
  output_place read_;
  output_place place_;
};

} // namespace provision
