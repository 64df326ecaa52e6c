#pragma once

#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "messages/error.hpp"

namespace provision {

/// Lets `thread` do `work`. errc::host_unavailable: the system has none to
/// spare.
template <class Work>
error start_thread(std::thread& thread, Work work) {
  try {
    thread = std::thread{std::move(work)};
    return {};
  } catch (const std::system_error& failed) {
    return {errc::host_unavailable,
            std::string{"start a thread: "} + failed.what()};
  }
}

} // namespace provision
