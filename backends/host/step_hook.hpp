#pragma once

#include <functional>
#include <string_view>

#include "messages/error.hpp"

namespace provision {

/// Asked before each step that changes the host. An error stops the adapter
/// right there, as a crash would: tests use it to break off at every step in
/// turn. Empty outside tests.
using step_hook = std::function<error(std::string_view step)>;

inline error pass(const step_hook& before_step, std::string_view step) {
  return before_step ? before_step(step) : error{};
}

} // namespace provision
