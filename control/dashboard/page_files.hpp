#pragma once

#include <span>
#include <string_view>

namespace provision {

/// A file that was built into the program.
struct embedded_file {
  /// "index.html".
  std::string_view name = {};
  /// Changes with the bytes; in quotes, as HTTP wants it.
  std::string_view tag = {};
  /// Its bytes, gzip'd.
  std::string_view gzip = {};
};

/// The dashboard's page: what stands in page/, and the chart library.
std::span<const embedded_file> page_files();

} // namespace provision
