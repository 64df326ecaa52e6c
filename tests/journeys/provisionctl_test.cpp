#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <filesystem>

#include "messages/json/json.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/support/node_under_test.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace provisionctl_test {
namespace {

/// A node in a process of its own, and provisionctl as another.
struct household {
  /// A node whose explorer is away and that has been given these.
  void start(std::vector<reservation> given) {
    auto made = run({"identity", "new", "--data-dir", node.data_dir()});
    BOOST_REQUIRE_EQUAL(made.code, 0);
    node_id = made.out.substr(0, made.out.find('\n'));
    std::string lines;
    for (auto& one : given) {
      one.node_id = node_id;
      lines += *json::write(one) + "\n";
    }
    auto file = node.write("given.jsonl", lines);
    node.start(
      {"run", "--config",
       node.configure("http://127.0.0.1:1", "[replay]\nfile = \"" + file
                                              + "\"\nsignatures = \"off\"\n")});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
    // The last one is settled.
    BOOST_REQUIRE(eventually([&] {
      auto one = ctl({"--json", "show", given.back().id});
      return one.code == 0
             && one.out.find("\"state\":\"accepted\"") == std::string::npos;
    }));
  }

  ending ctl(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--data-dir", node.data_dir()});
    return run_program(PROVISIONCTL, words);
  }

  static reservation too_large(std::string id) {
    auto what = provision::testing::a_volume(std::move(id));
    what.data = R"({"size":2000000,"type":"ssd"})";
    return what;
  }

  node_process node = {};
  std::string node_id = {};
};

using provision::testing::a_volume;

/// Columns of a table are as wide as what this host can offer.
std::string narrow(const std::string& text) {
  std::string result;
  for (char c : text)
    if (c != ' ' || result.empty() || result.back() != ' ')
      result += c;
  return result;
}

} // namespace
} // namespace provisionctl_test

BOOST_FIXTURE_TEST_SUITE(provisionctl_test, household)

BOOST_AUTO_TEST_CASE(shows_an_operator_the_node_and_its_reservations) {
  start({a_volume("100-1"), a_volume("101-1"), too_large("101-2")});
  auto status = ctl({"status"});
  BOOST_CHECK_EQUAL(status.code, 0);
  says(status.out, node_id);
  says(status.out, "workloads   volume 2");
  says(status.out, "the explorer is away since");
  says(status.out, "explorer_away");
  auto rejected = ctl({"list", "--state", "rejected", "-o", "name"});
  BOOST_CHECK_EQUAL(rejected.out, "101-2\n");
  auto wide = ctl({"list", "-o", "wide"});
  says(wide.out, "ACCEPTED");
  says(wide.out, "10.0 GiB");
  says(wide.out, "not enough capacity");
  BOOST_CHECK_EQUAL(ctl({"list", "--limit", "1", "-o", "name"}).out, "100-1\n");
  auto shown = ctl({"show", "100"});
  says(shown.out, "state");
  says(shown.out, "provisioned");
  auto types = ctl({"types"});
  says(narrow(types.out), "volume yes 2");
  says(ctl({"capacity"}).out, "sru");
  auto audit = ctl({"capacity", "audit"});
  BOOST_CHECK_EQUAL(audit.code, 0);
  says(audit.out, "2 of 3 records hold capacity; no drift");
  says(ctl({"outbox"}).out, "result");
  says(ctl({"quarantine", "list"}).out, "KEY");
  BOOST_CHECK_EQUAL(ctl({"ready"}).code, 0);
}

BOOST_AUTO_TEST_CASE(explains_by_the_beginning_of_an_id) {
  start({a_volume("100-1"), too_large("101-2")});
  auto runs = ctl({"explain", "100"});
  BOOST_CHECK_EQUAL(runs.code, 0);
  says(runs.out, "100-1: running_report_owed");
  says(runs.out, "not delivered yet: the explorer is away since");
  auto rejected = ctl({"explain", "101"});
  says(rejected.out, "101-2: rejected_no_capacity");
  says(rejected.out, "SRU short by");
  auto both = ctl({"explain", "10"});
  BOOST_CHECK_EQUAL(both.code, 3);
  says(both.err, "100-1, 101-2");
}

BOOST_AUTO_TEST_CASE(cancels_and_follows_what_happens) {
  start({a_volume("100-1")});
  node_process follower;
  follower.program = PROVISIONCTL;
  follower.start({"--data-dir", node.data_dir(), "--json", "events", "-f"});
  BOOST_CHECK(eventually([&] {
    return follower.output().find("\"provisioned\"") != std::string::npos;
  }));
  auto order = ctl({"cancel", "100-1", "--reason", "its \"disk\" is dying"});
  BOOST_CHECK_EQUAL(order.code, 0);
  says(order.out, "100-1: gone");
  says(order.out, "its \"disk\" is dying");
  BOOST_CHECK(eventually(
    [&] { return follower.output().find("\"gone\"") != std::string::npos; }));
  // It is told when the daemon goes, and where to go on.
  node.signal(SIGTERM);
  BOOST_CHECK_EQUAL(node.wait(5s).value().code, 0);
  auto end = follower.wait(5s);
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 1);
  says(end->err, "--after 4");
  BOOST_CHECK(!std::filesystem::exists(node.data_dir() + "/api.sock"));
}

BOOST_AUTO_TEST_CASE(exit_codes_tell_the_kinds_of_failure_apart) {
  BOOST_CHECK_EQUAL(ctl({"status"}).code, 4);
  BOOST_CHECK_EQUAL(ctl({"nonsense"}).code, 2);
  BOOST_CHECK_EQUAL(ctl({"list", "-o", "xml"}).code, 2);
  BOOST_CHECK_EQUAL(ctl({"cancel", "100-1"}).code, 2);
  start({a_volume("100-1")});
  BOOST_CHECK_EQUAL(ctl({"show", "7"}).code, 3);
  BOOST_CHECK_EQUAL(ctl({"explain", "7"}).code, 3);
  auto bad = ctl({"list", "--state", "happy"});
  BOOST_CHECK_EQUAL(bad.code, 1);
  says(bad.err, "none of accepted");
  auto help = ctl({"--help"});
  BOOST_CHECK_EQUAL(help.code, 0);
  says(help.out, "Exit codes: 0 done");
}

BOOST_AUTO_TEST_CASE(colours_only_where_it_is_wanted) {
  start({a_volume("100-1")});
  auto has_colour = [](const ending& end) {
    return end.out.find('\x1b') != std::string::npos;
  };
  BOOST_CHECK(!has_colour(ctl({"status"})));
  BOOST_CHECK(has_colour(ctl({"--color", "always", "status"})));
}

BOOST_AUTO_TEST_CASE(completion_scripts_are_sound_for_bash) {
  auto script = ctl({"completion", "bash"});
  BOOST_CHECK_EQUAL(script.code, 0);
  says(script.out, "status");
  auto checked
    = run_program("/bin/bash", {"-n", node.write("completion", script.out)});
  BOOST_CHECK_EQUAL(checked.code, 0);
  for (auto* shell : {"zsh", "fish"})
    says(ctl({"completion", shell}).out, "explain");
}

BOOST_AUTO_TEST_SUITE_END()
