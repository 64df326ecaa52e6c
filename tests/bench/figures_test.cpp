#include "bench/replay/figures.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "bench/replay/measurement.hpp"
#include "bench/replay/plot.hpp"
#include "bench/replay/report.hpp"
#include "bench/replay/run_figures.hpp"
#include "bench/replay/spread.hpp"

using namespace provision;
using namespace provision::bench;

BOOST_AUTO_TEST_SUITE(figures_test)

namespace {

stage_costs some_costs() {
  return {.decode = {4, 5},
          .verify = {50, 60},
          .store = {16, 400},
          .sign = {20, 20},
          .http = {10, 15},
          .explorer_us = 25,
          .http_together = {5, 8},
          .explorer_together_us = 15};
}

report a_report() {
  report all;
  all.told.explorer = explorer_kind::sim;
  for (std::uint64_t cached : {100, 1000}) {
    measurement one{.cached = cached};
    for (double rate : {900.0, 1000.0, 700.0}) {
      measured_run run;
      run.figures.reservations_per_second = rate;
      run.figures.seconds = 2;
      run.figures.rates = {rate, rate};
      run.costs = some_costs();
      run.limit = 2000;
      run.limit_together = 2500;
      take_tail(run.figures, {1, 2, 3, 40});
      one.runs.push_back(run);
    }
    all.measurements.push_back(one);
  }
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_spread_has_the_middle_in_the_middle) {
  auto odd = spread_of({3, 1, 2});
  BOOST_CHECK_EQUAL(odd.min, 1);
  BOOST_CHECK_EQUAL(odd.median, 2);
  BOOST_CHECK_EQUAL(odd.max, 3);
  BOOST_CHECK_EQUAL(spread_of({4, 1, 2, 3}).median, 2.5);
  BOOST_CHECK_EQUAL(spread_of({}).max, 0);
}

BOOST_AUTO_TEST_CASE(a_percentile_is_a_value_that_was_there) {
  std::vector<double> values;
  for (int i = 1; i <= 1000; ++i)
    values.push_back(i);
  BOOST_CHECK_EQUAL(percentile(values, 0.5), 500);
  BOOST_CHECK_EQUAL(percentile(values, 0.99), 990);
  BOOST_CHECK_EQUAL(percentile(values, 0.999), 999);
  BOOST_CHECK_EQUAL(percentile(values, 1), 1000);
  BOOST_CHECK_EQUAL(percentile({5}, 0.01), 5);
}

BOOST_AUTO_TEST_CASE(bars_count_every_latency_once) {
  run_figures figures;
  take_tail(figures, {0.1, 0.2, 0.3, 9, 100});
  std::uint64_t sum = 0;
  for (auto& one : figures.latency_bars)
    sum += one.count;
  BOOST_CHECK_EQUAL(sum, 5u);
  BOOST_CHECK_EQUAL(figures.latency_bars.front().count, 1u);
}

BOOST_AUTO_TEST_CASE(the_limit_is_all_cores_busy_with_the_stages_only) {
  // 4 + 50 + 16 + 20 + 10 + 25 = 125 microseconds.
  BOOST_CHECK_CLOSE(limit_of({}, some_costs(), 2), 16000.0, 1e-6);
}

BOOST_AUTO_TEST_CASE(puts_that_go_together_raise_the_limit) {
  // 4 + 50 + 16 + 20 + 5 + 15 = 110 microseconds.
  BOOST_CHECK_CLOSE(limit_of({}, with_puts_together(some_costs()), 2),
                    2e6 / 110, 1e-6);
  std::ostringstream text;
  print(text, a_report());
  BOOST_CHECK(text.str().find("with PUTs together") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_at_a_time_the_limit_is_the_stages_in_a_row) {
  replay_options told;
  told.sync = sync_mode::each;
  BOOST_CHECK_CLOSE(limit_of(told, some_costs(), 2), 2000.0, 1e-6);
}

BOOST_AUTO_TEST_CASE(what_is_known_is_only_read) {
  replay_options told;
  told.known = true;
  BOOST_CHECK_CLOSE(limit_of(told, some_costs(), 2), 500000.0, 1e-6);
}

BOOST_AUTO_TEST_CASE(the_json_carries_what_was_promised) {
  auto json = to_json(a_report());
  BOOST_CHECK_EQUAL(json["reservations_per_second"]["median"], 900.0);
  BOOST_CHECK_EQUAL(json["limit_per_second"]["min"], 2000.0);
  BOOST_CHECK_EQUAL(json["ratio_of_limit"]["max"], 0.5);
  BOOST_CHECK_EQUAL(json["ratio_of_limit_together"]["max"], 0.4);
  BOOST_CHECK_EQUAL(json["latency_ms"]["p999"], 40.0);
  for (auto* stage : {"decode", "verify", "store", "sign", "http"})
    BOOST_CHECK(json["stages_us"][stage].get<double>() > 0);
  for (auto* name : {"rss_bytes", "ready_seconds", "commit", "machine"})
    BOOST_CHECK(json.contains(name));
  BOOST_CHECK_EQUAL(json["by_cached"].size(), 2u);
}

BOOST_AUTO_TEST_CASE(a_hang_is_held_against_the_run_without_it) {
  report all;
  all.told.hang = "zdb";
  measurement one;
  for (double rate : {900.0, 970.0, 500.0}) {
    measured_run run;
    run.figures.reservations_per_second = 2000;
    run.figures.others_per_second = rate;
    run.others_undisturbed = 1000;
    one.runs.push_back(run);
  }
  all.measurements.push_back(one);
  BOOST_CHECK_CLOSE(ratio_of_undisturbed(one).median, 0.9, 1e-6);
  BOOST_CHECK_CLOSE(best_ratio(all), 0.97, 1e-6);
  auto json = to_json(all);
  BOOST_CHECK_CLOSE(json["ratio_of_undisturbed"]["min"].get<double>(), 0.5,
                    1e-6);
  BOOST_CHECK_EQUAL(json["others_undisturbed_per_second"]["max"], 1000.0);
  BOOST_CHECK_EQUAL(json["runs"][2]["others_undisturbed_per_second"], 1000.0);
  std::ostringstream text;
  print(text, all);
  BOOST_CHECK(text.str().find("without the hang") != std::string::npos);
  BOOST_CHECK(text.str().find("0.970") != std::string::npos);
  // Without a comparison there is no share.
  one.runs.front().others_undisturbed = 0;
  BOOST_CHECK_EQUAL(ratio_of_undisturbed(one).min, 0);
}

BOOST_AUTO_TEST_CASE(others_are_counted_until_the_last_of_them) {
  auto file
    = (std::filesystem::temp_directory_path() / "figures-XXXXXX").string();
  auto handle = ::mkstemp(file.data());
  BOOST_REQUIRE(handle >= 0);
  ::close(handle);
  std::ofstream{file} << R"({"id":1,"workload_id":1,"workload_type":1})"
                         "\n"
                      << R"({"id":2,"workload_id":1,"workload_type":0})"
                         "\n";
  auto journal = stream_journal::open(file, "zdb");
  std::filesystem::remove(file);
  BOOST_REQUIRE_MESSAGE(journal, (journal ? "" : journal.error().message));
  journal->hand_over(2);
  BOOST_CHECK(journal->accept("1-1"));
  BOOST_CHECK(journal->accept("2-1"));
  run_figures figures;
  take_times(figures, *journal);
  // The first is a container, the last to be accepted a zdb.
  BOOST_REQUIRE(!journal->is_apart(0) && journal->is_apart(1));
  auto span
    = static_cast<double>(journal->done()[0] - journal->seen()[0]) / 1e9;
  BOOST_CHECK_CLOSE(figures.others_per_second, 1 / span, 1e-3);
}

BOOST_AUTO_TEST_CASE(the_picture_has_a_panel_for_each_thing_measured) {
  auto picture = plot(a_report());
  for (auto* title : {"over the run", "handed over to accepted",
                      "microseconds per reservation"})
    BOOST_CHECK(picture.find(title) != std::string::npos);
  BOOST_CHECK(picture.find("nan") == std::string::npos);
  BOOST_CHECK(picture.ends_with("</svg>\n"));
}

BOOST_AUTO_TEST_SUITE_END()
