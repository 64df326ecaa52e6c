#include "tests/simulation/session_totals.hpp"

#include <bit>
#include <chrono>
#include <cstdio>

namespace provision::simulation {

namespace {

unsigned long long wide(std::uint64_t number) {
  return number;
}

double rate(const session_totals& sum) {
  return static_cast<double>(sum.steps) / sum.real_seconds;
}

double speed(const session_totals& sum) {
  return sum.virtual_seconds / sum.real_seconds;
}

void write_json(const session_totals& sum) {
  std::printf("{\"seeds\":%llu,\"failed\":%llu,\"steps\":%llu,\"checks\":%llu,"
              "\"deaths\":%llu,\"traces\":\"%016llx\",\"virtual_seconds\":%.0f,"
              "\"seconds\":%.3f,"
              "\"steps_per_second\":%.0f,\"times_real_time\":%.0f,"
              "\"failed_seeds\":[",
              wide(sum.seeds), wide(sum.failed), wide(sum.steps),
              wide(sum.checks), wide(sum.deaths), wide(sum.traces),
              sum.virtual_seconds, sum.real_seconds, rate(sum), speed(sum));
  const char* comma = "";
  for (auto seed : sum.failed_seeds) {
    std::printf("%s%llu", comma, wide(seed));
    comma = ",";
  }
  std::printf("]}\n");
}

void write_text(const session_totals& sum) {
  std::printf("steps: %llu (%.0f a second), checks: %llu, deaths: %llu\n",
              wide(sum.steps), rate(sum), wide(sum.checks), wide(sum.deaths));
  std::printf("traces: %016llx\n", wide(sum.traces));
  std::printf("virtual time: %.1f h in %.1f s (%.0f x real time)\n",
              sum.virtual_seconds / 3600, sum.real_seconds, speed(sum));
  std::printf("seeds: %llu failed: %llu\n", wide(sum.seeds), wide(sum.failed));
}

} // namespace

void session_totals::add(const seed_result& one) {
  ++seeds;
  steps += one.steps;
  checks += one.checks;
  deaths += one.deaths;
  traces = std::rotl(traces, 1) ^ one.trace_hash;
  virtual_seconds += std::chrono::duration<double>(one.virtual_time).count();
  if (one.how == seed_result::verdict::held)
    return;
  ++failed;
  failed_seeds.push_back(one.seed);
}

void show_progress(const session_totals& sum, double seconds_left) {
  std::fprintf(stderr, "\rseeds %llu, failed %llu, steps %llu, %.0f s left ",
               wide(sum.seeds), wide(sum.failed), wide(sum.steps),
               seconds_left);
}

void show_totals(const session_totals& sum, bool as_json) {
  as_json ? write_json(sum) : write_text(sum);
}

} // namespace provision::simulation
