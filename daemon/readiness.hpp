#pragma once

#include <atomic>
#include <functional>
#include <utility>

namespace provision {

/// When a node may be called ready: its engine has recovered and its doors are
/// open. Either comes first, on a thread of its own; the second one speaks.
class readiness {
public:
  explicit readiness(std::function<void()> say) : say_{std::move(say)} {}

  void engine_recovered() { note(engine); }
  void doors_opened() { note(doors); }
  bool reached() const noexcept { return noted_ == both; }

private:
  enum part : unsigned { engine = 1, doors = 2, both = 3 };

  void note(part one) {
    auto before = noted_.fetch_or(one);
    if (before != both && (before | one) == both)
      say_();
  }

  std::function<void()> say_;
  std::atomic<unsigned> noted_ = 0;
};

} // namespace provision
