#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

namespace provision {

/// What a keeper's thread could not do for an id, and when it tries again:
/// later and later. Not thread-safe.
class retry_schedule {
public:
  using steady = std::chrono::steady_clock;

  void put_off(const std::string& id) {
    auto& again = retries_[id];
    again.due = steady::now() + again.delay;
    again.delay = std::min(again.delay * 2, longest_delay);
  }
  void clear(const std::string& id) { retries_.erase(id); }
  template <class Condition>
  void clear_if(Condition is_meant) {
    std::erase_if(retries_,
                  [&](const auto& one) { return is_meant(one.first); });
  }

  bool contains(const std::string& id) const { return retries_.contains(id); }
  /// Whether the time of its next try has come; not if there is none.
  bool is_due(const std::string& id) const {
    const auto again = retries_.find(id);
    return again != retries_.end() && steady::now() >= again->second.due;
  }

  /// Milliseconds to the next try, for poll(2); -1 if there is none.
  int patience() const {
    auto result = std::chrono::milliseconds::max();
    for (const auto& [id, again] : retries_)
      result = std::min(result, std::chrono::ceil<std::chrono::milliseconds>(
                                  again.due - steady::now()));
    return retries_.empty()
             ? -1
             : static_cast<int>(std::max<long long>(result.count(), 0));
  }

private:
  static constexpr std::chrono::milliseconds longest_delay{60000};

  struct retry {
    std::chrono::milliseconds delay{1000};
    steady::time_point due = {};
  };

  std::map<std::string, retry> retries_ = {};
};

} // namespace provision
