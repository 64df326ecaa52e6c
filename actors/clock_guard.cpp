#include "actors/clock_guard.hpp"

#include <string>
#include <utility>

#include "logging/log.hpp"

namespace provision {

namespace {

bool is_near(timestamp a, timestamp b, std::chrono::nanoseconds span) {
  return a < b ? difference(b, a) <= span : difference(a, b) <= span;
}

} // namespace

void clock_guard::remember(std::optional<timestamp> last_seen) {
  std::lock_guard lock{guard_};
  last_seen_ = last_seen;
}

bool clock_guard::look(timestamp wall, moment now) {
  std::lock_guard lock{guard_};
  auto passed = wall_ ? now - steady_ : std::chrono::nanoseconds{0};
  auto even
    = !wall_
      || is_near(wall, saturating_add(*wall_, passed), settings_.jump_max);
  if (distrust_)
    expected_ = saturating_add(expected_, passed);
  if (!wall_ && last_seen_) {
    auto latest = saturating_add(*last_seen_, settings_.offline_max);
    if (wall < *last_seen_ || wall > latest)
      doubt("since the node last ran", *last_seen_, wall, now);
  } else if (!even && !distrust_) {
    doubt("while the node ran", saturating_add(*wall_, passed), wall, now);
  } else if (distrust_) {
    // At a start nobody knows how long the node was off: any time from the
    // last one seen on will do, within limits.
    auto latest = saturating_add(expected_, last_seen_ ? settings_.offline_max
                                                       : settings_.jump_max);
    bool back = is_near(wall, expected_, settings_.jump_max)
                || (wall > expected_ && wall <= latest);
    if (!even)
      doubted_since_ = now;
    if (back || now - doubted_since_ >= settings_.settling_time) {
      log::info(back ? "the clock is right again" : "the clock has settled");
      distrust_ = {};
    }
  }
  wall_ = wall;
  steady_ = now;
  if (!distrust_)
    last_seen_.reset();
  return !distrust_;
}

void clock_guard::doubt(std::string why, timestamp expected, timestamp wall,
                        moment now) {
  expected_ = expected;
  doubted_since_ = now;
  auto ahead = wall > expected;
  auto off = ahead ? difference(wall, expected) : difference(expected, wall);
  distrust_
    = {errc::clock_untrusted,
       "the clock jumped " + std::string{ahead ? "ahead" : "back"} + " by "
         + std::to_string(
           std::chrono::duration_cast<std::chrono::seconds>(off).count())
         + " s " + why + "; nothing expires until it is confirmed, "
         + "comes back or has settled"};
  log::error(distrust_.message);
}

void clock_guard::confirm() {
  std::lock_guard lock{guard_};
  if (distrust_)
    log::info("the clock was confirmed");
  distrust_ = {};
  last_seen_.reset();
}

error clock_guard::distrust() const {
  std::lock_guard lock{guard_};
  return distrust_;
}

} // namespace provision
