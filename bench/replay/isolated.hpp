#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "messages/error.hpp"

namespace provision::bench {

/// How far a child process has come; shared with its parent.
struct progress {
  std::atomic<std::uint64_t> done = 0;
};

/// Work in a process of its own, so that neither memory nor caches nor
/// threads of one measurement touch the next. `work` runs in the child and
/// what it yields comes back. `watch` is called in this process now and then.
/// Call it before there are threads. The child's error, or
/// errc::provisioner_crashed if it died.
expected<nlohmann::json> in_child(
  const std::function<expected<nlohmann::json>(progress&)>& work,
  const std::function<void(const progress&)>& watch = [](const progress&) {});

} // namespace provision::bench
