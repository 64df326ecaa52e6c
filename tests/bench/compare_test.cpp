#include "bench/replay/compare.hpp"

#include <boost/test/unit_test.hpp>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "bench/replay/engine_run.hpp"
#include "bench/replay/generator.hpp"
#include "logging/log.hpp"
#include "messages/json/json.hpp"

using namespace provision;
using namespace provision::bench;

namespace compare_test {
namespace {

/// A recorded day of a node that runs on this machine.
struct recorded_node {
  recorded_node() {
    log::configure(log::level::off, log::format::text);
    auto pattern
      = (std::filesystem::temp_directory_path() / "compare-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~recorded_node() { std::filesystem::remove_all(folder); }

  /// Lets a node do `count` generated reservations and records it.
  void live(std::uint64_t count) {
    orders.options.count = count;
    orders.options.mix = std::string{default_mix};
    orders.documents = *prepare_stream(orders.options, folder);
    live();
  }

  void live() {
    orders.folder = folder + "/node";
    orders.record_file = recording();
    std::filesystem::create_directories(orders.folder);
    progress shared;
    auto figures = run_engine(orders, shared);
    BOOST_REQUIRE_MESSAGE(figures, figures.error().message);
  }

  std::string recording() const { return folder + "/day.jsonl"; }

  std::string text() const {
    std::ifstream file{recording()};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  /// Changes the recording: the first `what` from `after` on.
  void plant(const std::string& after, const std::string& what,
             const std::string& instead) {
    auto all = text();
    auto at = all.find(what, all.find(after));
    BOOST_REQUIRE(at != std::string::npos);
    all.replace(at, what.size(), instead);
    std::ofstream{recording()} << all;
  }

  comparison compare_again() {
    auto found
      = compare(recording(), folder + "/again" + std::to_string(++times));
    BOOST_REQUIRE_MESSAGE(found, found.error().message);
    return *found;
  }

  std::string folder;
  run_orders orders = {};
  int times = 0;
};

} // namespace
} // namespace compare_test

BOOST_FIXTURE_TEST_SUITE(compare_test, recorded_node)

BOOST_AUTO_TEST_CASE(a_recorded_day_replays_without_a_difference) {
  live(300);
  auto found = compare_again();
  BOOST_CHECK_EQUAL(found.documents, 300u);
  BOOST_CHECK_EQUAL(found.reservations, 300u);
  for (auto& one : found.differences)
    BOOST_ERROR(one.id + ": " + one.recorded + " / " + one.replayed);
}

BOOST_AUTO_TEST_CASE(a_result_that_was_another_is_shown_with_both) {
  live(20);
  plant("\"recorded\":\"result\"", R"("data_json":{"id":"7-1"})",
        R"("data_json":{})");
  auto found = compare_again();
  BOOST_REQUIRE_EQUAL(found.differences.size(), 1u);
  BOOST_CHECK_EQUAL(found.differences[0].id, "7-1");
  std::ostringstream shown;
  print(shown, found);
  BOOST_CHECK(shown.str().find("1 difference\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_result_that_is_missing_is_a_difference) {
  live(10);
  plant("\"recorded\":\"result\"", "\"recorded\":\"result\"",
        "\"recorded\":\"deleted\"");
  BOOST_CHECK_EQUAL(compare_again().differences.size(), 1u);
}

BOOST_AUTO_TEST_CASE(another_order_is_a_difference) {
  live(10);
  auto day = read_recording(recording());
  BOOST_REQUIRE(day);
  auto again = replay_day(*day, folder + "/order");
  BOOST_REQUIRE(again);
  std::swap(again->order[2], again->order[3]);
  auto found = compare(*day, *again);
  BOOST_REQUIRE_EQUAL(found.differences.size(), 1u);
  BOOST_CHECK(found.differences[0].id.empty());
}

BOOST_AUTO_TEST_CASE(refusals_and_failures_are_compared_too) {
  orders.options.count = 8;
  orders.options.mix = "volume=1";
  orders.documents = *prepare_stream(orders.options, folder);
  std::ofstream more{orders.documents.file, std::ios::app};
  generator source{{.seed = 5,
                    .mix = *read_mix("volume=1"),
                    .node_id = orders.documents.node_id,
                    .first_id = 100}};
  auto forged = source.next();
  forged.metadata = "not what was signed";
  more << json::write(forged) << '\n';
  auto cut = json::write(source.next());
  more << cut.replace(cut.find("\"size\":"), 7, "\"size\":[],\"x\":") << '\n';
  more.close();
  live();
  auto found = compare_again();
  BOOST_CHECK_EQUAL(found.documents, 10u);
  BOOST_CHECK_EQUAL(found.reservations, 10u);
  for (auto& one : found.differences)
    BOOST_ERROR(one.id + ": " + one.recorded + " / " + one.replayed);
}

BOOST_AUTO_TEST_CASE(removals_by_the_node_itself_are_told_apart) {
  bench::recording day;
  day.reports["1-1"] = {"ok {}", "deleted"};
  replayed_day again;
  again.reports["1-1"] = {"ok {}"};
  auto own = compare(day, again);
  BOOST_CHECK_EQUAL(own.own_removals, 1u);
  BOOST_CHECK(own.differences.empty());
  // Somebody asked for it: then it must be there.
  day.deletions.insert("1-1");
  BOOST_CHECK_EQUAL(compare(day, again).differences.size(), 1u);
}

BOOST_AUTO_TEST_CASE(what_is_no_recording_is_refused_with_its_line) {
  std::ofstream{recording()} << "{\"recorded\":\"start\"}\n";
  auto found = read_recording(recording());
  BOOST_REQUIRE(!found);
  BOOST_CHECK(found.error().message.find(":1: ") != std::string::npos);
  BOOST_CHECK(!read_recording(folder + "/nothing"));
}

BOOST_AUTO_TEST_SUITE_END()
