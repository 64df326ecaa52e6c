#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::shim {

/// What a shim lets others hear and see of its steps.
class witness {
public:
  virtual ~witness() = default;
  /// Before each step. Tests die here.
  virtual void before(std::string_view) {}
  /// Once: that the workload runs, or why it does not.
  virtual void started(const error& failure) = 0;
};

/// Starts what the file "spec" of `folder` asks for and looks after it until it
/// has ended for good; see process_state.hpp for what it writes. Blocks. For a
/// process that does nothing else: it takes all its children and the signals
/// SIGCHLD and SIGTERM, which tells it to stop the workload.
void supervise(const std::string& folder, witness& by);

} // namespace provision::shim
