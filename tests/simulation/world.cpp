#include "tests/simulation/world.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>

#include "logging/log.hpp"
#include "messages/byte_units.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "persistence/leveldb/status.hpp"
#include "tests/simulation/observed_store.hpp"

namespace provision::simulation {

namespace {

using namespace std::chrono_literals;

/// Deaths of the node in a row that end all tries.
constexpr unsigned deaths_max = 3;

/// A signature that costs nothing: what matters here is which bytes are
/// signed and how often.
class cheap_signer final : public signer {
public:
  expected<std::string> sign(std::string_view message) const override {
    auto hash = hash_of(message);
    return std::string(64, static_cast<char>(hash & 0x7fU));
  }
};

resources limits_of(chance luck) {
  constexpr auto none = UINT64_MAX;
  if (luck.percent(75))
    return {none, none, none, none};
  return {none, none, 60 * gib, 80 * gib};
}

} // namespace

world::world(plan what, const defect& planted, std::size_t trace_lines)
  : plan_{std::move(what)}, planted_{planted}, luck_{plan_.seed},
    schedule_{luck_.branch("schedule")}, log_{trace_lines},
    checks_{log_, facts_, *clock_}, system_{threads_},
    scheduler_{
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())},
    signs_{luck_.branch("signs").one_in(4)}, node_id_{"a-node"},
    explorer_{{log_, facts_, checks_, time_, *clock_, node_id_},
              luck_.branch("explorer"),
              plan_.bad_conduct,
              plan_.bad_documents,
              signs_},
    host_{.log = log_,
          .known = facts_,
          .checks = checks_,
          .kill = [this] { kill_asked_ = true; }},
    capacity_{limits_of(luck_.branch("capacity"))} {
  log::configure(log::level::off, log::format::text);
  began_ = scheduler_.clock().current_time.time_since_epoch();
  disk_.micros
    = [this] { return static_cast<std::uint64_t>(time_.now.count() / 1000); };
  disk_.forgets_renames = planted_.forgets_renames;
  host_.leaves_withdrawn = planted_.leaves_withdrawn;
  checks_.verifies_signatures = signs_;
  checks_.call_limit = 20s;
}

world::~world() {
  if (life_)
    die(false, survival::all);
  system_.await_actors_before_shutdown(false);
}

outcome world::run() {
  explorer_.plan_customers(plan_.reservations, 600s);
  if (point_)
    disk_.cut_power_at(point_->change);
  boot();
  while (!checks_.broken() && log_.step < plan_.steps && advance())
    ;
  calm();
  auto steps_max = log_.step + 300'000;
  auto end = time_.now + 24h;
  bool finished = false;
  while (!checks_.broken() && log_.step < steps_max && time_.now < end
         && !(finished = is_finished()) && advance())
    ;
  if (!checks_.broken() && !finished) {
    std::string waiting;
    for (auto& id : explorer_.unanswered())
      waiting += " " + id;
    for (auto& id : pending())
      waiting += " " + id + " (on its way)";
    for (auto& id : expiring())
      waiting += " " + id + " (runs beyond its time)";
    checks_.fail("P10", "the node does not come to an end; unanswered:"
                          + waiting + "; rows in the outbox: "
                          + std::to_string(checks_.live().outbox.size()));
  }
  if (!checks_.broken())
    check_end();
  return {.broken = checks_.broken(),
          .steps = log_.step,
          .virtual_time = time_.now,
          .trace_hash = log_.hash(),
          .trace = log_.lines(),
          .checks = checks_.checks(),
          .deaths = deaths_,
          .disk_changes = disk_.changes(),
          .crashed_at_point = crashed_at_point_};
}

// -- time ---------------------------------------------------------------------

bool world::advance() {
  strike();
  if (!scheduler_.has_job())
    return pass_time();
  deliver_one();
  return true;
}

void world::deliver_one() {
  auto& jobs = scheduler_.jobs;
  auto which = schedule_.below(jobs.size());
  log_.mix(which);
  auto chosen = jobs.begin() + static_cast<std::ptrdiff_t>(which);
  std::rotate(jobs.begin(), chosen, chosen + 1);
  scheduler_.run_once();
  ++log_.step;
  disk_.run_background();
  if (disk_.is_dead())
    die(true, kept_next_);
  else if (std::exchange(kill_asked_, false))
    die(false, survival::all);
}

std::optional<std::chrono::nanoseconds> world::next_moment() {
  auto next = time_.next();
  auto& timers = scheduler_.clock().schedule();
  if (timers.empty())
    return next;
  auto due = timers.begin()->first.time_since_epoch() - began_;
  return next ? std::min(*next, std::chrono::nanoseconds{due}) : due;
}

bool world::pass_time() {
  if (life_ && life_->is_ready())
    checks_.idle(life_->numbers(), capacity_);
  auto next = next_moment();
  if (!next)
    return false;
  auto span = std::max(*next - time_.now, std::chrono::nanoseconds{0});
  time_.now += span;
  log_.now = time_.now;
  clock_->advance(span);
  scheduler_.advance_time(span);
  time_.run();
  bool trouble = failing_ > 0 || full_ > 0;
  checks_.waited(trouble);
  if (trouble)
    born_ = time_.now;
  if (life_ && !life_->is_ready() && time_.now > born_ + 60s)
    checks_.fail("P9", "the node is not ready a minute after its start");
  return true;
}

// -- lives of the node --------------------------------------------------------

void world::boot_in(std::chrono::nanoseconds span) {
  time_.in(span, [this] { boot(); });
}

void world::boot() {
  damage();
  auto store = open_leveldb_store(
    disk_, folder, node_id_, node_clock_->now(),
    {.journal_rows_max = 100, .write_buffer_bytes = std::size_t{64} << 10U});
  if (!store)
    return boot_failed(store.error());
  if (!check_salvaged((*store)->recovery()))
    return;
  if (!checks_.reopened(**store, flipped_)) {
    store->reset();
    return boot_failed({errc::storage_corrupt, "a table cannot be read"});
  }
  flipped_ = false;
  if (flips_.empty())
    checks_.chained(**store);
  auto guard = listen();
  birth given{.system = system_,
              .clock = node_clock_,
              .store = std::make_unique<observed_store>(
                planted_.on_store(std::move(*store)), checks_),
              .mark = planted_.forgets_mark ? std::make_shared<in_flight_mark>()
                                            : mark_,
              .explorer = explorer_,
              .host = host_,
              .node_id = node_id_,
              .key = std::make_shared<cheap_signer>(),
              .capacity = capacity_,
              .guard = planted_.trusts_any_clock ? nullptr : guard,
              .by_operator = {[this] { checks_.confirms_deletions(); },
                              [this] { checks_.confirmed_deletions(); }},
              .random = [this] { return luck_.unit(); },
              .planted = planted_};
  given.settings.provision_timeout = 20s;
  given.settings.deletions_free = checks_.deletions_free;
  given.settings.deletions_share = checks_.deletions_share;
  given.settings.deletions_window = checks_.deletions_window;
  given.polling.signatures = signs_ ? config::signature_policy::enforce
                                    : config::signature_policy::off;
  planted_.on_settings(given.settings, given.polling);
  auto born = life::start(std::move(given));
  disk_.run_background();
  if (!born)
    return boot_failed(born.error());
  log_.note("the node starts");
  life_ = std::move(*born);
  born_ = time_.now;
}

/// A guard that hears the explorer's date. Whether the clock was right while
/// the node was down is doubted sooner than on a real node, because nobody
/// could tell by the explorer that is away; and a jump does not settle.
std::shared_ptr<clock_guard> world::listen() {
  auto told = std::make_shared<told_time>();
  explorer_.on_date = [this, told](timestamp said) {
    told->tell(said, scheduler_.clock().now());
    if (planted_.obeys_explorers_date)
      node_clock_->ahead = difference(said, clock_->now());
  };
  return std::make_shared<clock_guard>(
    config::clock_settings{.settling_time = 1000h, .offline_max = 50min}, told);
}

void world::boot_failed(const error& why) {
  log_.note("the node cannot start: " + to_string(why));
  if (disk_.is_dead()) {
    ++deaths_;
    crashed_at_point_ = true;
    checks_.died(false);
    auto luck = luck_.branch("boot " + std::to_string(deaths_));
    disk_.restart(kept_next_, luck);
    return boot_in(1s);
  }
  if (!flips_.empty() && why.code == errc::storage_corrupt) {
    // It refused, as it must; the operator brings the good bits back.
    for (auto& one : std::exchange(flips_, {}))
      disk_.flip_back(one);
    flipped_ = false;
    return boot_in(1s);
  }
  if (failing_ == 0 && full_ == 0)
    return checks_.fail("P9", "the node cannot start: " + to_string(why));
  boot_in(5s);
}

/// A damaged record is set aside, and nothing else.
bool world::check_salvaged(const recovery_report& found) {
  auto wanted = std::exchange(rotten_, {});
  for (auto& one : found.salvaged)
    if (one.key != wanted)
      checks_.fail("P9", "record " + one.key
                           + " was set aside: " + to_string(one.reason));
  if (!wanted.empty() && found.salvaged.empty())
    checks_.fail("P9", "the damage of record " + wanted + " was not seen");
  return !checks_.broken();
}

void world::deliver_exits() {
  while (scheduler_.has_job())
    scheduler_.run_once();
  scheduler_.clock().cancel_all();
}

void world::die(bool power, survival kept) {
  ++deaths_;
  log_.note(power ? "the power goes; of what was not synced survives: "
                      + std::string{to_string(kept)}
                  : "kill -9");
  // The mark as it is now: what dying actors do to theirs never happened.
  auto in_flight = power ? std::string{} : mark_->read();
  mark_ = std::make_shared<in_flight_mark>();
  if (!in_flight.empty()) {
    mark_->set(in_flight);
    ++facts_[in_flight].deaths;
  }
  // Nothing is written any more, not even at the end of a destructor.
  disk_.cut_power_now();
  if (life_)
    life_->kill();
  deliver_exits();
  disk_.run_background();
  life_.reset();
  checks_.died(!power);
  explorer_.on_date = [](timestamp) {};
  explorer_.forget_questions();
  if (!power) {
    disk_.revive();
  } else {
    auto luck = luck_.branch("death " + std::to_string(deaths_));
    disk_.restart(kept, luck);
    crashed_at_point_ = true;
  }
  auto luck = luck_.branch("pause " + std::to_string(deaths_));
  boot_in(std::chrono::milliseconds{luck.between(100, 30'000)});
}

// -- the end ------------------------------------------------------------------

bool world::is_finished() {
  return !scheduler_.has_job() && life_ && life_->is_ready()
         && explorer_.is_complete() && !checks_.is_owing()
         && !checks_.is_calling() && explorer_.unanswered().empty()
         && pending().empty() && expiring().empty();
}

std::vector<std::string> world::pending() {
  std::vector<std::string> found;
  for (auto& [id, row] : checks_.live().records)
    if (is_pending(row.state) && !facts_[id].damaged)
      found.push_back(id);
  return found;
}

/// What is to end by its time, so that no run ends before it was seen to. After
/// a wrong clock it may wait until somebody confirms the time; what killed the
/// node too often stays.
std::vector<std::string> world::expiring() {
  std::vector<std::string> found;
  if (checks_.was_clock_troubled())
    return found;
  for (auto& [id, row] : checks_.live().records) {
    auto& about = facts_[id];
    if (row.state == record_state::provisioned && row.expires < end_of_time
        && !about.damaged && about.deaths < deaths_max)
      found.push_back(id);
  }
  return found;
}

void world::check_end() {
  for (auto& [id, about] : facts_)
    if (!about.damaged && !about.for_other_node && !about.id.empty())
      check_outcome(about);
  if (!checks_.live().parked.empty())
    checks_.fail("P3", "a report on " + checks_.live().parked.begin()->second.id
                         + " was given up");
}

void world::check_outcome(const fact& about) {
  auto state = explorer_.state_of(about.id);
  if (about.unreadable || about.forged) {
    if (host_.running.contains(about.id))
      checks_.fail("P8", "reservation " + about.id + " runs");
    return;
  }
  bool works = about.on_provision == conduct::works
               || about.on_provision == conduct::slow;
  bool may_end = about.deletion_ordered || about.expires <= clock_->now();
  if (works && state == "error" && !may_end && about.deaths < deaths_max
      && explorer_.message_of(about.id).find("not enough capacity")
           == std::string::npos)
    checks_.fail("P5", "reservation " + about.id + " failed for others: "
                         + explorer_.message_of(about.id));
  if (!works && state == "ok")
    checks_.fail("P3", "reservation " + about.id + " is reported to run");
  if (state == "ok" && !may_end && !host_.running.contains(about.id))
    checks_.fail("P3", "reservation " + about.id + " does not run");
  if (works && state == "deleted" && host_.running.contains(about.id))
    checks_.fail("P3", "reservation " + about.id + " still runs");
  // Three deaths end all tries; what they left is the janitor's.
  if (state == "error" && about.deaths < deaths_max
      && host_.running.contains(about.id))
    checks_.fail("P3", "reservation " + about.id + " is refused and runs");
  if (state == "deleted" && !may_end)
    checks_.fail("P8", "reservation " + about.id + " was taken down");
}

} // namespace provision::simulation
