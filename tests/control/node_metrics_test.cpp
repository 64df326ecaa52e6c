#include "control/node_metrics.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "tests/control/api_under_test.hpp"
#include "tests/support/exposition.hpp"

using namespace provision;
using namespace provision::test;
using namespace provision::testing;
using namespace std::chrono_literals;
using labels = std::map<std::string, std::string>;

namespace node_metrics_test {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

struct fixture : api_under_test {
  std::vector<exposition_family> scrape() {
    auto got = get("/metrics", api_role::reader);
    BOOST_REQUIRE_EQUAL(got.status, 200);
    return read_exposition(got.body);
  }

  double value(const std::string& family, const labels& about = {},
               std::string_view suffix = {}) {
    return family_of(scrape(), family).value(about, suffix);
  }

  /// A node that has done a little of everything.
  void live_a_little() {
    on_provision = [](const reservation& r) -> expected<std::string> {
      if (r.id == "100-2")
        return fail(errc::provision_failed, "no such disk");
      return "{}";
    };
    usage["volume"] = [](const std::string& name) -> expected<workload_usage> {
      if (name == "100-3")
        return fail(errc::backend_failure, "the disk hangs");
      return workload_usage{.disk_bytes = 5};
    };
    open();
    auto brief = a_volume("100-3");
    brief.created = clock->now();
    brief.duration = 1h;
    give({a_volume("100-1"), a_volume("100-2"), brief});
  }
};

/// "| `name` | gauge | `type`, `health` | Help. |"
std::string table_row(const exposition_family& family) {
  std::set<std::string> names;
  for (auto& one : family.samples)
    for (auto& [name, of] : one.labels)
      if (name != "le")
        names.insert(name);
  std::string all;
  for (auto& name : names)
    all += (all.empty() ? "`" : ", `") + name + "`";
  return "| `" + family.name + "` | " + family.type + " | " + all + " | "
         + family.help + " |\n";
}

/// Names of ours in a text; those of a histogram's samples count for it.
std::set<std::string> names_in(const std::string& text) {
  static const std::regex pattern{"\\b(provisiond|process)_[a-z_]+"};
  static const std::regex suffix{"_(bucket|sum|count)$"};
  std::set<std::string> names;
  for (std::sregex_iterator i{text.begin(), text.end(), pattern}, end; i != end;
       ++i)
    names.insert(std::regex_replace(i->str(), suffix, ""));
  return names;
}

} // namespace
} // namespace node_metrics_test

BOOST_FIXTURE_TEST_SUITE(node_metrics_test, fixture)

BOOST_AUTO_TEST_CASE(tells_at_least_sixty_families) {
  live_a_little();
  BOOST_CHECK_GE(scrape().size(), 60U);
}

BOOST_AUTO_TEST_CASE(counts_what_the_engine_did_by_type_and_stage) {
  live_a_little();
  BOOST_CHECK_EQUAL(value("provisiond_provisioned_total"), 2);
  BOOST_CHECK_EQUAL(value("provisiond_provision_failed_total"), 1);
  BOOST_CHECK_EQUAL(value("provisiond_provision_duration_seconds",
                          {{"type", "volume"}, {"outcome", "ok"}}, "_count"),
                    2);
  BOOST_CHECK_EQUAL(value("provisiond_provision_duration_seconds",
                          {{"type", "volume"}, {"outcome", "error"}}, "_count"),
                    1);
  BOOST_CHECK_EQUAL(
    value("provisiond_queue_wait_seconds", {{"type", "volume"}}, "_count"), 3);
  BOOST_CHECK_EQUAL(value("provisiond_provision_sli_duration_seconds",
                          {{"type", "volume"}}, "_count"),
                    3);
  BOOST_CHECK_EQUAL(value("provisiond_accept_duration_seconds", {}, "_count"),
                    1);
  BOOST_CHECK_GE(value("provisiond_settle_duration_seconds", {}, "_count"), 1);
  BOOST_CHECK_EQUAL(value("provisiond_intake_documents_total"), 3);
  BOOST_CHECK_EQUAL(value("provisiond_outcomes_total"), 3);
  BOOST_CHECK_EQUAL(value("provisiond_workloads", {{"type", "volume"}}), 2);
  BOOST_CHECK_EQUAL(
    value("provisiond_capacity_units", {{"unit", "sru"}, {"kind", "used"}}),
    2.0 * 10 * 1024 * 1024 * 1024);
  BOOST_CHECK_EQUAL(value("provisiond_engine_phase", {{"phase", "running"}}),
                    1);
}

BOOST_AUTO_TEST_CASE(a_scrape_tells_what_was_measured_after_an_earlier_one) {
  live_a_little();
  constexpr auto bytes = "provisiond_usage_bytes";
  const labels disk{{"type", "volume"}, {"resource", "disk"}};
  const labels failed{{"type", "volume"}, {"outcome", "failed"}};
  // Nobody has asked before, so nothing was measured, and this one waits not.
  const auto first = scrape();
  BOOST_CHECK_EQUAL(
    family_of(first, "provisiond_usage_measured_seconds").value({}, {}), 0);
  BOOST_CHECK_EQUAL(family_of(first, bytes).value(disk, {}), 0);
  BOOST_CHECK_GT(value("provisiond_usage_measured_seconds"), 0);
  BOOST_CHECK_EQUAL(value(bytes, disk), 5);
  BOOST_CHECK_EQUAL(value("provisiond_usage_workloads", failed), 1);
}

BOOST_AUTO_TEST_CASE(scrapes_measure_every_five_minutes_at_most) {
  int asked = 0;
  usage["volume"] = [&](const std::string&) -> expected<workload_usage> {
    ++asked;
    return workload_usage{.disk_bytes = 5};
  };
  open();
  give({a_volume("100-1"), a_volume("100-2")});
  BOOST_CHECK_EQUAL(asked, 0);
  for (int i = 0; i < 3; ++i)
    scrape();
  BOOST_CHECK_EQUAL(asked, 2);
  advance(5min);
  BOOST_CHECK_EQUAL(asked, 2);
  scrape();
  BOOST_CHECK_EQUAL(asked, 4);
}

BOOST_AUTO_TEST_CASE(tells_how_late_expiry_was) {
  live_a_little();
  BOOST_CHECK_GT(value("provisiond_expiry_next_timestamp_seconds"), 0);
  advance(2h, 1min);
  BOOST_CHECK_EQUAL(value("provisiond_expiry_lag_seconds", {}, "_count"), 1);
  BOOST_CHECK_EQUAL(value("provisiond_removed_total"), 1);
  BOOST_CHECK_EQUAL(value("provisiond_expiry_overdue_seconds"), 0);
}

BOOST_AUTO_TEST_CASE(tells_how_long_reports_wait_and_that_nobody_takes_them) {
  explorer->answer = [](const report&) {
    return error{errc::explorer_unreachable, "no route"};
  };
  open();
  give({a_volume("100-1")});
  advance(10s);
  BOOST_CHECK_EQUAL(value("provisiond_outbox_depth"), 1);
  BOOST_CHECK_GE(value("provisiond_outbox_oldest_seconds"), 10);
  BOOST_CHECK_GE(value("provisiond_controller_away_seconds"), 9);
  BOOST_CHECK_GE(value("provisiond_report_failures_total"), 1);
  explorer->answer = [](const report&) { return error{}; };
  advance(10min, 1s);
  BOOST_CHECK_EQUAL(value("provisiond_reports_delivered_total"), 1);
  BOOST_CHECK_EQUAL(value("provisiond_outbox_oldest_seconds"), 0);
  BOOST_CHECK_EQUAL(value("provisiond_controller_away_seconds"), 0);
  BOOST_CHECK_EQUAL(value("provisiond_deliver_duration_seconds", {}, "_count"),
                    1);
  BOOST_CHECK_GE(value("provisiond_deliver_duration_seconds", {}, "_sum"), 9);
}

BOOST_AUTO_TEST_CASE(tells_which_types_do_not_serve) {
  // One that answers nothing at all, probes included.
  special[reservation_types::volume] = [this] {
    return keep(system.spawn(
      [](provisioner_actor::pointer self) -> provisioner_actor::behavior_type {
        return {
          [self](provision_workload&) -> caf::result<provisioned_workload> {
            return self->make_response_promise<provisioned_workload>();
          },
          [self](decommission_workload&) -> caf::result<done> {
            return self->make_response_promise<done>();
          },
          [self](probe_provisioner) -> caf::result<done> {
            return self->make_response_promise<done>();
          }};
      }));
  };
  settings.provision_timeout = 1s;
  open();
  give({a_volume("100-1")});
  BOOST_CHECK_EQUAL(value("provisiond_queue_depth", {{"state", "in_flight"}}),
                    1);
  advance(1s);
  BOOST_CHECK_EQUAL(value("provisiond_type_degraded", {{"type", "volume"}}), 1);
  BOOST_CHECK_EQUAL(value("provisiond_type_health",
                          {{"type", "volume"}, {"health", "degraded"}}),
                    1);
  BOOST_CHECK_EQUAL(
    value("provisiond_provisioner_fenced_total", {{"type", "volume"}}), 1);
  BOOST_CHECK_EQUAL(value("provisiond_provision_duration_seconds",
                          {{"type", "volume"}, {"outcome", "error"}}, "_sum"),
                    1);
}

BOOST_AUTO_TEST_CASE(tells_how_the_polls_went) {
  open();
  auto polls = std::make_shared<poll_numbers>();
  polls->polls = 5;
  polls->failures = 2;
  polls->documents = 40;
  polls->waited = 1'500'000'000;
  polls->last_success = 1'764'062'000;
  polls->is_answered = true;
  api = keep(system.spawn(provision::api,
                          node_actors{engine, cache, statser, feedback},
                          api_options{.clock = clock, .polls = polls}));
  BOOST_CHECK_EQUAL(value("provisiond_polls_total"), 5);
  BOOST_CHECK_EQUAL(value("provisiond_poll_failures_total"), 2);
  BOOST_CHECK_EQUAL(value("provisiond_poll_wait_seconds_total"), 1.5);
  BOOST_CHECK_EQUAL(value("provisiond_poll_last_success_timestamp_seconds"),
                    1764062000);
  BOOST_CHECK_EQUAL(value("provisiond_controller_up"), 1);
  BOOST_CHECK(get("/readyz?verbose").body.find("[+] explorer: no complaint")
              != std::string::npos);
  polls->is_answered = false;
  auto ready = get("/readyz?verbose");
  BOOST_CHECK_EQUAL(ready.status, 200);
  BOOST_CHECK(ready.body.find("[-] explorer: the last poll failed")
              != std::string::npos);
  BOOST_CHECK_EQUAL(value("provisiond_controller_up"), 0);
}

BOOST_AUTO_TEST_CASE(counts_who_asks_the_api) {
  open();
  get("/v1/status");
  get("/v1/nothing");
  request("POST", "/v1/intake/pause", {}, api_role::reader);
  BOOST_CHECK_EQUAL(
    value("provisiond_api_requests_total", {{"path", "/v1/status"}}), 1);
  BOOST_CHECK_EQUAL(value("provisiond_api_requests_refused_total"), 2);
}

BOOST_AUTO_TEST_CASE(tells_what_the_process_takes) {
  open();
  BOOST_CHECK_GT(value("process_resident_memory_bytes"), 1e6);
  BOOST_CHECK_GE(value("process_virtual_memory_bytes"),
                 value("process_resident_memory_bytes"));
  BOOST_CHECK_GE(value("process_open_fds"), 3);
  BOOST_CHECK_GE(value("process_threads"), 1);
  BOOST_CHECK_GE(value("process_max_fds"), value("process_open_fds"));
}

BOOST_AUTO_TEST_CASE(a_process_that_is_not_there_has_no_numbers) {
  auto none = read_process_numbers("/proc/self/none");
  BOOST_CHECK_EQUAL(none.resident_bytes, 0U);
  BOOST_CHECK_EQUAL(none.open_files, 0U);
}

// -- the documents ------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_documentation_lists_every_family_and_no_other) {
  live_a_little();
  std::string table
    = "| family | kind | labels | meaning |\n|---|---|---|---|\n";
  for (auto& family : scrape())
    table += table_row(family);
  const std::string path = "docs/metrics.md";
  const std::string mark = "<!-- from the program -->\n";
  auto text = read_file(path);
  auto begin = text.find(mark);
  BOOST_REQUIRE_NE(begin, std::string::npos);
  begin += mark.size();
  auto end = text.find("\n\n", begin);
  BOOST_REQUIRE_NE(end, std::string::npos);
  auto made = text.substr(0, begin) + table + text.substr(end + 1);
  const char* wish = std::getenv("REGENERATE");
  if (wish && std::string_view{wish} == "1")
    std::ofstream{path, std::ios::binary} << made;
  BOOST_CHECK_MESSAGE(read_file(path) == made,
                      path << " differs from the program; write it anew with: "
                              "REGENERATE=1 build/dev/bin/control_tests "
                              "--run_test=node_metrics_test");
}

BOOST_AUTO_TEST_CASE(alerts_and_board_ask_for_families_that_exist) {
  live_a_little();
  std::set<std::string> known;
  for (auto& family : scrape())
    known.insert(family.name);
  for (auto* path : {"docs/alerts.yml", "docs/grafana.json"}) {
    auto asked = names_in(read_file(path));
    BOOST_CHECK_GE(asked.size(), 10U);
    for (auto& name : asked)
      BOOST_CHECK_MESSAGE(known.contains(name), path << ": " << name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
