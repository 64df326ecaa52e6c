#pragma once

#include <array>
#include <optional>
#include <string>

#include "messages/error.hpp"
#include "shim/process_spec.hpp"
#include "shim/rotated_log.hpp"

namespace provision::shim {

/// What a workload writes, on its way from pipes into the files of its folder.
/// Lives as long as the shim, which never closes the pipes.
class kept_output {
public:
  error open(const std::string& folder, const process_spec& spec);

  /// Where the workload writes; the same unless the streams are kept apart.
  int output() const { return streams_[0].pipe[1]; }
  int errors() const {
    return streams_[1].pipe[1] < 0 ? output() : streams_[1].pipe[1];
  }

  /// Readable for poll(2) when there is something to copy; -1: not used.
  std::array<int, 2> pipes() const {
    return {streams_[0].pipe[0], streams_[1].pipe[0]};
  }

  /// Copies what is there; a bounded part of it, so that an endless stream does
  /// not keep its caller.
  void copy();

private:
  struct stream {
    std::array<int, 2> pipe{-1, -1};
    std::optional<rotated_log> own = {};
  };

  std::optional<rotated_log> log_;
  std::array<stream, 2> streams_;
};

} // namespace provision::shim
