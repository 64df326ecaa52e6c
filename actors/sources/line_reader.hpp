#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <string>
#include <string_view>

namespace provision {

/// Reads a stream line by line, in pieces: asking the stream for every byte
/// costs more than reading the file. Never waits for more than it needs, so a
/// pipe's line is there as soon as it was written.
class line_reader {
public:
  /// Drops what a line has beyond `bytes_max` (and one more byte, which shows
  /// that it was too long), so that it fails as one document and not as many.
  line_reader(std::shared_ptr<std::istream> from, std::size_t bytes_max)
    : from_{std::move(from)}, bytes_max_{bytes_max} {}

  /// The next line without its end; false at the end of the stream.
  bool next(std::string& line);

private:
  bool fill();

  std::shared_ptr<std::istream> from_;
  std::size_t bytes_max_;
  std::string piece_ = {};
  /// The part of the piece that was not read yet.
  std::string_view rest_ = {};
};

} // namespace provision
