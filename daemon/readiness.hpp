#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>

namespace provision {

/// When a node may be called ready: its engine has recovered and its doors are
/// open. Either comes first, on a thread of its own; the second one speaks.
class readiness {
public:
  explicit readiness(std::function<void()> say) : say_{std::move(say)} {}

  void engine_recovered() { note(engine); }
  void doors_opened() { note(doors); }
  /// Whether it was said.
  bool reached() const noexcept { return said_; }

private:
  enum part : unsigned { engine = 1, doors = 2, both = 3 };

  void note(part one) {
    auto before = noted_.fetch_or(one);
    if (before == both || (before | one) != both)
      return;
    say_();
    said_ = true;
  }

  std::function<void()> say_;
  std::atomic<unsigned> noted_ = 0;
  std::atomic<bool> said_ = false;
};

/// Which lines of status are news to a service manager: those of a node that is
/// ready, because its being ready is told with a line that would hide what came
/// before, and of these each that differs from the last.
class status_news {
public:
  explicit status_news(const readiness& ready) : ready_{ready} {}

  bool is_news(const std::string& line) {
    return ready_.reached() && std::exchange(last_, line) != line;
  }

private:
  const readiness& ready_;
  std::string last_;
};

} // namespace provision
