// What all workloads use together, measured while nobody waits for it.
#include "control/usage_totals.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "actors/reservation_questions.hpp"
#include "control/api_asking.hpp"

namespace provision {

namespace {

/// Others can ask the meter in between.
constexpr std::size_t measured_at_once = 64;

/// Where folders are walked to measure them, that is all the disk does then.
constexpr std::chrono::minutes usage_pause{5};

} // namespace

void usage_totals::add(const measured_workload& one) {
  auto& sum = types[one.type];
  ++(one.failed ? sum.failed : sum.measured);
  sum.memory_bytes += one.uses.memory_bytes.value_or(0);
  sum.disk_bytes += one.uses.disk_bytes.value_or(0);
}

/// Goes when its last step does, however that ends: then it may begin anew.
struct api_state::usage_round {
  std::string after = {};
  std::vector<measured_workload> rest = {};
  usage_totals sum = {};
  std::shared_ptr<usage_board> board = {};
  std::shared_ptr<const wall_clock> clock = {};
  usage_meter_actor meter = {};

  /// On the meter's thread, after the first time.
  static void measure_some(const std::shared_ptr<usage_round>& round) {
    auto& rest = round->rest;
    if (rest.empty()) {
      round->sum.measured_at = round->clock->now();
      return round->board->write(round->sum);
    }
    const auto count = std::min(rest.size(), measured_at_once);
    const auto begin = rest.end() - static_cast<std::ptrdiff_t>(count);
    usage_job job{.of = {std::make_move_iterator(begin),
                         std::make_move_iterator(rest.end())}};
    rest.erase(begin, rest.end());
    job.then = [round](std::vector<measured_workload>& measured) {
      for (const auto& one : measured)
        round->sum.add(one);
      measure_some(round);
    };
    caf::anon_send(round->meter, std::move(job));
  }
};

usage_totals api_state::nothing_measured() const {
  usage_totals none;
  for (const auto& [type, reader] : options.usage)
    none.types[type] = {};
  return none;
}

void api_state::measure_all() {
  const auto now = self->clock().now();
  if (options.usage.empty() || !usage_rounds.expired()
      || (usage_begun_at && now - *usage_begun_at < usage_pause))
    return;
  usage_begun_at = now;
  auto round
    = std::make_shared<usage_round>(usage_round{.sum = nothing_measured(),
                                                .board = totals,
                                                .clock = options.clock,
                                                .meter = meter});
  usage_rounds = round;
  measure_page(round);
}

void api_state::measure_page(const std::shared_ptr<usage_round>& round) {
  ask_store<listed_records>(
    nullptr, list_records{.after = round->after, .count_max = list_count_max},
    [this, round](listed_records& page) {
      for (auto& row : page.rows)
        if (is_measured(row))
          round->rest.push_back(to_be_measured(row));
      round->after = page.next;
      if (!page.next.empty())
        return measure_page(round);
      usage_round::measure_some(round);
    });
}

} // namespace provision
