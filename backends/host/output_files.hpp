#pragma once

#include <map>
#include <string>

#include "backends/workload_output.hpp"

namespace provision {

struct output_bounds {
  std::uint64_t bytes_max = output_reader::bytes_max;
  /// Ends where a file does: then the piece is what stands before its `next`.
  bool of_one_file = false;
};

/// What a shim keeps behind `from` in one file and its older ones. `path`: that
/// of the youngest. Nothing, and no error, if there is none yet.
expected<output_piece> read_output(const std::string& path, output_place from,
                                   output_bounds bounds = {});

/// Reads what shims keep (docs/processes.md). `folders`: for the name of a type
/// that of its supervised processes.
output_reader read_output_files(std::map<std::string, std::string> folders);

} // namespace provision
