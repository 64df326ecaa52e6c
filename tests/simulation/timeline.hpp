#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace provision::simulation {

/// What the world around the node does, in virtual time; what is due at the
/// same moment keeps the order in which it was planned.
class timeline {
public:
  using moment = std::chrono::nanoseconds;

  moment now{0};

  void in(moment span, std::function<void()> what) {
    planned_.emplace(now + span, std::move(what));
  }

  std::optional<moment> next() const {
    if (planned_.empty())
      return std::nullopt;
    return planned_.begin()->first;
  }

  /// Does what is due.
  void run() {
    while (!planned_.empty() && planned_.begin()->first <= now) {
      auto what = std::move(planned_.begin()->second);
      planned_.erase(planned_.begin());
      what();
    }
  }

private:
  std::multimap<moment, std::function<void()>> planned_ = {};
};

} // namespace provision::simulation
