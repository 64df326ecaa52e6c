#include "tests/simulation/shrink.hpp"

#include <algorithm>
#include <utility>

namespace provision::simulation {

namespace {

constexpr int tries_max = 200;

class shrinker {
public:
  shrinker(plan what, std::string promise, const defect& planted)
    : best_{std::move(what)}, promise_{std::move(promise)}, planted_{planted} {}

  plan run() {
    for (bool again = true; again && tries_ < tries_max;) {
      again = drop_faults();
      again = drop_reservations() || again;
      again = drop_steps() || again;
      again = drop_conduct() || again;
    }
    return best_;
  }

private:
  bool try_out(plan what) {
    if (++tries_ > tries_max)
      return false;
    auto run = world{what, planted_, 0}.run();
    if (!run.broken || run.broken->promise != promise_)
      return false;
    best_ = std::move(what);
    return true;
  }

  /// Halves first, then quarters, down to single faults.
  bool drop_faults() {
    bool any = false;
    for (auto size = std::max<std::size_t>(1, best_.faults.size() / 2);;
         size /= 2) {
      for (std::size_t at = 0; at < best_.faults.size();) {
        auto smaller = best_;
        auto first = smaller.faults.begin() + static_cast<std::ptrdiff_t>(at);
        auto count = std::min(size, smaller.faults.size() - at);
        smaller.faults.erase(first, first + static_cast<std::ptrdiff_t>(count));
        if (try_out(std::move(smaller)))
          any = true;
        else
          at += size;
      }
      if (size <= 1)
        return any;
    }
  }

  bool drop_reservations() {
    bool any = false;
    for (auto cut = best_.reservations / 2; cut > 0; cut /= 2) {
      auto smaller = best_;
      smaller.reservations -= std::min(cut, smaller.reservations - 1);
      any = (smaller.reservations < best_.reservations
             && try_out(std::move(smaller)))
            || any;
    }
    return any;
  }

  bool drop_steps() {
    auto smaller = best_;
    smaller.steps /= 2;
    return smaller.steps > 0 && try_out(std::move(smaller));
  }

  bool drop_conduct() {
    bool any = false;
    for (auto what : {&plan::bad_conduct, &plan::bad_documents}) {
      auto smaller = best_;
      if (!std::exchange(smaller.*what, false))
        continue;
      any = try_out(std::move(smaller)) || any;
    }
    return any;
  }

  plan best_;
  std::string promise_;
  const defect& planted_;
  int tries_ = 0;
};

} // namespace

shrunk shrink(plan what, const outcome& run, const defect& planted) {
  auto best = shrinker{std::move(what), run.broken->promise, planted}.run();
  auto again = world{best, planted, 400}.run();
  return {std::move(best), std::move(again)};
}

} // namespace provision::simulation
