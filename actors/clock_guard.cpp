#include "actors/clock_guard.hpp"

#include <string>
#include <utility>

#include "logging/log.hpp"

namespace provision {

namespace {

/// Off for longer than this, a node with a second opinion waits for it.
constexpr std::chrono::hours off_briefly{1};
/// And for how long.
constexpr std::chrono::minutes word_wait{1};

bool is_near(timestamp a, timestamp b, std::chrono::nanoseconds span) {
  return a < b ? difference(b, a) <= span : difference(a, b) <= span;
}

} // namespace

void clock_guard::remember(std::optional<timestamp> last_seen) {
  std::lock_guard lock{guard_};
  has_remembered_ = true;
  last_seen_ = last_seen;
}

bool clock_guard::look(timestamp wall, moment now) {
  std::lock_guard lock{guard_};
  if (!has_remembered_)
    return false;
  auto passed = wall_ ? now - steady_ : std::chrono::nanoseconds{0};
  auto even
    = !wall_
      || is_near(wall, saturating_add(*wall_, passed), settings_.jump_max);
  auto told = compare(wall, now);
  if (distrust_) {
    expected_ = saturating_add(expected_, passed);
    // It settles by running evenly, and not while it is contradicted.
    if (!even || told == verdict::differs)
      doubted_since_ = now;
    if (told == verdict::agrees) {
      log::info("the explorer's clock says that the clock is right");
      distrust_ = {};
    } else if (told == verdict::differs && awaits_word_) {
      doubt("against the explorer's", *opinion_->at(now), wall, now);
      last_seen_.reset();
    } else if (told == verdict::none && has_recovered(wall, now)) {
      distrust_ = {};
    }
  } else if (told == verdict::differs) {
    doubt("against the explorer's", *opinion_->at(now), wall, now);
    last_seen_.reset();
  } else if (told == verdict::none) {
    look_alone(wall, now, even, passed);
  }
  wall_ = wall;
  steady_ = now;
  if (!distrust_)
    last_seen_.reset();
  return !distrust_;
}

/// Without a second opinion a jump, or a start at an unlikely time, is reason
/// enough.
void clock_guard::look_alone(timestamp wall, moment now, bool even,
                             std::chrono::nanoseconds passed) {
  if (!wall_ && last_seen_) {
    auto latest = saturating_add(*last_seen_, settings_.offline_max);
    if (wall < *last_seen_ || wall > latest)
      doubt("since the node last ran", *last_seen_, wall, now);
    else if (opinion_ && wall > saturating_add(*last_seen_, off_briefly))
      await_word(now);
  } else if (!even) {
    doubt("while the node ran", saturating_add(*wall_, passed), wall, now);
  }
}

/// What the explorer's clock says of the wall clock.
clock_guard::verdict clock_guard::compare(timestamp wall, moment now) {
  auto told = opinion_ ? opinion_->at(now) : std::nullopt;
  if (!told)
    return verdict::none;
  if (is_near(wall, *told, settings_.jump_max)) {
    overruled_.reset();
    return verdict::agrees;
  }
  if (overruled_
      && is_near(wall, saturating_add(*told, *overruled_), settings_.jump_max))
    return verdict::none;
  overruled_.reset();
  return verdict::differs;
}

/// Whether distrust ends by itself. At a start nobody knows how long the node
/// was off: any time from the last one seen on will do, within limits.
bool clock_guard::has_recovered(timestamp wall, moment now) {
  if (awaits_word_ && now - doubted_since_ < word_wait)
    return false;
  awaits_word_ = false;
  auto latest = saturating_add(expected_, last_seen_ ? settings_.offline_max
                                                     : settings_.jump_max);
  if (is_near(wall, expected_, settings_.jump_max)
      || (wall > expected_ && wall <= latest)) {
    log::info("the clock is right again");
    return true;
  }
  if (now - doubted_since_ < settings_.settling_time)
    return false;
  log::info("the clock has settled");
  return true;
}

/// The time is likely, but it could be hours ahead, and nobody could tell.
void clock_guard::await_word(moment now) {
  expected_ = *last_seen_;
  doubted_since_ = now;
  awaits_word_ = true;
  distrust_ = {errc::clock_untrusted,
               "the node was off for a while; nothing expires until the "
               "explorer has said what time it is, or a minute has passed"};
  log::info(distrust_.message);
}

void clock_guard::doubt(std::string why, timestamp expected, timestamp wall,
                        moment now) {
  awaits_word_ = false;
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

std::optional<timestamp> clock_guard::likely_time() const {
  std::lock_guard lock{guard_};
  return wall_ && distrust_ ? std::optional{expected_} : wall_;
}

void clock_guard::confirm() {
  std::lock_guard lock{guard_};
  if (distrust_)
    log::info("the clock was confirmed");
  auto told = opinion_ && wall_ ? opinion_->at(steady_) : std::nullopt;
  if (told)
    overruled_ = difference(*wall_, *told);
  distrust_ = {};
  last_seen_.reset();
}

error clock_guard::distrust() const {
  std::lock_guard lock{guard_};
  return distrust_;
}

} // namespace provision
