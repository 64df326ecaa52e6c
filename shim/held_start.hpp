#pragma once

#include <string>

#include "messages/error.hpp"
#include "shim/process_spec.hpp"

namespace provision::shim {

/// A process that was made but waits to be let go. If whoever made it dies
/// before, it ends by itself and its program never runs.
class held_start {
public:
  /// Its output goes to the descriptor `output`, what it complains of to
  /// `errors`; the two may be one.
  static expected<held_start> make(const process_spec& spec, int output,
                                   int errors);

  held_start(held_start&& other) noexcept;
  held_start& operator=(held_start&&) = delete;
  ~held_start();

  int pid() const noexcept { return pid_; }

  /// Lets it go; returns once its program runs, or says why that cannot run.
  error release();

private:
  held_start(int pid, int gate, int complaint);

  int pid_ = 0;
  int gate_ = -1;
  int complaint_ = -1;
};

} // namespace provision::shim
