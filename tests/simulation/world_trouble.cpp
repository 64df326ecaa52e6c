// What happens to the world that nobody in it wanted.
#include "tests/simulation/world.hpp"

#include <utility>

#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/status.hpp"

namespace provision::simulation {

namespace {

using namespace std::chrono_literals;

/// How far a clock is wrong from now on: hours or years, ahead or back. Two
/// clocks that are wrong alike would be believed, and nobody could tell.
std::chrono::nanoseconds draw_jump(chance& luck,
                                   std::chrono::nanoseconds other) {
  auto hours = std::chrono::hours{luck.one_in(2) ? luck.between(1, 48)
                                                 : luck.between(49, 400'000)};
  auto jump = luck.one_in(3) ? -hours : hours;
  return jump == other ? 2 * jump : jump;
}

} // namespace

/// What happens to the disk while nobody looks.
void world::damage() {
  if (std::exchange(rot_due_, false) && failing_ == 0 && full_ == 0
      && flips_.empty() && !checks_.is_in_doubt())
    rot();
  auto luck = luck_.branch("flip " + std::to_string(deaths_));
  if (std::exchange(flip_due_, false)) {
    auto where = disk_.flip(luck);
    if (!where)
      return;
    log_.note("a bit flips in " + where->name + " at "
              + std::to_string(where->at));
    flipped_ = true;
    flips_.push_back(*where);
  }
}

void world::rot() {
  auto& records = checks_.live().records;
  if (records.empty())
    return;
  auto luck = luck_.branch("rot " + std::to_string(deaths_));
  auto victim = std::next(
    records.begin(), static_cast<std::ptrdiff_t>(luck.below(records.size())));
  auto id = victim->first;
  auto key = keys::named(
    luck.one_in(2) ? keys::kind::state : keys::kind::received, id);
  auto db = database::open(folder, database::missing::refuse, disk_);
  if (!db)
    return checks_.fail("P9",
                        "the store cannot be opened: " + to_string(db.error()));
  auto row = (*db)->get(key);
  if (!row || !*row || (*row)->empty())
    return;
  auto& bytes = **row;
  bytes[luck.below(bytes.size())] ^= static_cast<char>(1U << luck.below(7));
  leveldb::WriteBatch rows;
  rows.Put(to_slice(key), to_slice(bytes));
  if ((*db)->write(rows, true))
    return;
  log_.note("the record of " + id + " is damaged");
  rotten_ = id;
  checks_.damaged(id);
}

void world::strike() {
  while (!is_calm_ && struck_ < plan_.faults.size()
         && plan_.faults[struck_].step <= log_.step)
    strike(plan_.faults[struck_++]);
}

void world::strike(const fault& what) {
  chance luck{what.seed};
  log_.note("fault: " + std::string{to_string(what.kind)});
  auto for_a_while = [this](int& count, std::chrono::nanoseconds span) {
    ++count;
    time_.in(span, [this, &count] {
      --count;
      explorer_.away = away_ > 0;
      explorer_.flaky = flaky_ > 0;
      disk_.failing = failing_ > 0;
      disk_.full = full_ > 0;
      if (jumps_ == 0)
        node_clock_->ahead = 0ns;
      if (wrong_dates_ == 0)
        explorer_.date_ahead = 0ns;
    });
  };
  auto seconds = [&luck](std::uint64_t low, std::uint64_t high) {
    return std::chrono::seconds{luck.between(low, high)};
  };
  switch (what.kind) {
  case fault_kind::power:
    kept_next_ = static_cast<survival>(luck.below(3));
    disk_.cut_power_at(1 + luck.below(30));
    return;
  case fault_kind::rot:
    rot_due_ = true;
    [[fallthrough]];
  case fault_kind::kill:
    if (life_)
      die(false, survival::all);
    return;
  case fault_kind::flip:
    flip_due_ = true;
    if (life_)
      die(false, survival::all);
    return;
  case fault_kind::eio:
    disk_.failing = true;
    return for_a_while(failing_, seconds(1, 90));
  case fault_kind::full:
    disk_.full = true;
    return for_a_while(full_, seconds(1, 90));
  case fault_kind::away:
    explorer_.away = true;
    return for_a_while(away_, luck.one_in(4) ? seconds(3'600, 20'000)
                                             : seconds(1, 300));
  case fault_kind::flaky:
    explorer_.flaky = true;
    return for_a_while(flaky_, seconds(10, 600));
  case fault_kind::reconcile:
    if (life_)
      life_->reconcile();
    return;
  case fault_kind::clock:
    checks_.clock_troubled();
    node_clock_->ahead = draw_jump(luck, explorer_.date_ahead);
    return for_a_while(jumps_, seconds(1, 7'200));
  case fault_kind::date:
    checks_.clock_troubled();
    explorer_.date_ahead = draw_jump(luck, node_clock_->ahead);
    return for_a_while(wrong_dates_, seconds(1, 7'200));
  case fault_kind::conduct:
  case fault_kind::documents:
    return;
  }
}

void world::calm() {
  is_calm_ = true;
  log_.note("the world calms down");
  explorer_.calm();
  away_ = flaky_ = failing_ = full_ = jumps_ = wrong_dates_ = 0;
  node_clock_->ahead = 0ns;
  disk_.failing = disk_.full = false;
}

} // namespace provision::simulation
