#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/checkers.hpp"
#include "tests/simulation/defects.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/explorer.hpp"
#include "tests/simulation/facts.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/life.hpp"
#include "tests/simulation/provisioners.hpp"
#include "tests/simulation/skewed_clock.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/support/deterministic.hpp"

namespace provision::simulation {

/// The power goes at one change of the disk, and this much survives.
struct crash_point {
  std::uint64_t change = 0;
  survival kept = survival::none;
};

/// How a run ended.
struct outcome {
  std::optional<violation> broken = {};
  /// Messages that actors took.
  std::uint64_t steps = 0;
  std::chrono::nanoseconds virtual_time{0};
  std::uint64_t trace_hash = 0;
  std::deque<std::string> trace = {};
  std::uint64_t checks = 0;
  std::uint64_t deaths = 0;
  std::uint64_t disk_changes = 0;
  bool crashed_at_point = false;
};

/// Everything: the node, its disk, its explorer and its host, on one thread
/// and in virtual time.
class world {
public:
  world(plan what, const defect& planted, std::size_t trace_lines);
  ~world();

  /// For the crash matrix; call before run().
  void crash_at(crash_point where) { point_ = where; }

  outcome run();

private:
  static constexpr const char* folder = "/store";

  // -- time
  bool advance();
  void deliver_one();
  bool pass_time();
  std::optional<std::chrono::nanoseconds> next_moment();

  // -- lives of the node
  void boot();
  void boot_failed(const error& why);
  std::shared_ptr<clock_guard> listen();
  void boot_in(std::chrono::nanoseconds span);
  void damage();
  void rot();
  bool check_salvaged(const recovery_report& found);
  void die(bool power, survival kept);
  void deliver_exits();

  // -- trouble
  void strike();
  void strike(const fault& what);
  void calm();

  // -- the end
  bool is_finished();
  /// What the node has still to do.
  std::vector<std::string> pending();
  std::vector<std::string> expiring();
  void check_end();
  void check_outcome(const fact& about);

  plan plan_;
  const defect& planted_;
  chance luck_;
  chance schedule_;
  trace log_;
  facts facts_ = {};
  std::shared_ptr<testing::manual_clock> clock_
    = std::make_shared<testing::manual_clock>();
  std::shared_ptr<skewed_clock> node_clock_
    = std::make_shared<skewed_clock>(clock_);
  checkers checks_;
  timeline time_ = {};
  sim_disk disk_ = {};
  testing::deterministic::virtual_threads threads_ = {};
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  std::chrono::nanoseconds began_{0};
  bool signs_;
  std::string node_id_;
  sim_explorer explorer_;
  sim_host host_;
  resources capacity_;
  std::shared_ptr<in_flight_mark> mark_ = std::make_shared<in_flight_mark>();
  std::unique_ptr<life> life_ = {};
  std::chrono::nanoseconds born_{0};

  std::size_t struck_ = 0;
  bool is_calm_ = false;
  bool kill_asked_ = false;
  bool rot_due_ = false;
  bool flip_due_ = false;
  /// Since the last start, and those that no start has noticed yet.
  bool flipped_ = false;
  std::vector<sim_disk::flipped_bit> flips_ = {};
  std::string rotten_ = {};
  survival kept_next_ = survival::none;
  int away_ = 0;
  int flaky_ = 0;
  int failing_ = 0;
  int full_ = 0;
  int jumps_ = 0;
  int wrong_dates_ = 0;
  std::optional<crash_point> point_ = {};
  std::uint64_t deaths_ = 0;
  bool crashed_at_point_ = false;
};

} // namespace provision::simulation
