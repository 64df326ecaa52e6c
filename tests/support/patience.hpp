#pragma once

#include <poll.h>

#include <chrono>
#include <ctime>

namespace provision::test {

using namespace std::chrono_literals;

/// Waits until `holds()` is true; false if it is not in time.
template <class Condition>
bool eventually(Condition holds, std::chrono::milliseconds patience = 20s) {
  auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    timespec moment{.tv_sec = 0, .tv_nsec = 2'000'000};
    ::ppoll(nullptr, 0, &moment, nullptr);
  }
  return true;
}

/// Whether `holds()` stays true for a while.
template <class Condition>
bool stays(Condition holds, std::chrono::milliseconds span) {
  return !eventually([&] { return !holds(); }, span);
}

} // namespace provision::test
