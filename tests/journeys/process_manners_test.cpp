#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace process_manners_test {
namespace {

struct household {
  /// A node whose explorer is away, ready.
  void start_ready() {
    node.start({"run", "--config", node.configure("http://127.0.0.1:1")});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  ending run_with_data(std::vector<std::string> words) const {
    words.insert(words.end(), {"--data-dir", node.data_dir()});
    return run(words);
  }

  node_process node = {};
};

} // namespace
} // namespace process_manners_test

BOOST_FIXTURE_TEST_SUITE(process_manners_test, household)

BOOST_AUTO_TEST_CASE(tells_the_service_manager_when_it_is_ready_and_stopping) {
  start_ready();
  node.signal(SIGTERM);
  BOOST_CHECK(node.hears("STOPPING=1"));
  auto end = node.wait(5s);
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
}

BOOST_AUTO_TEST_CASE(sigterm_and_sigint_stop_it_within_five_seconds) {
  for (auto number : {SIGTERM, SIGINT}) {
    start_ready();
    auto before = std::chrono::steady_clock::now();
    node.signal(number);
    auto end = node.wait(5s);
    BOOST_REQUIRE(end);
    BOOST_CHECK_EQUAL(end->code, 0);
    BOOST_CHECK(std::chrono::steady_clock::now() - before < 5s);
    says(end->err, "stopped");
  }
}

BOOST_AUTO_TEST_CASE(stops_also_while_the_explorer_does_not_answer) {
  explorer_under_test explorer{"FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85"};
  std::atomic<bool> over = false;
  std::atomic<int> asked = 0;
  explorer.before = [&](const http_server_request&) {
    ++asked;
    eventually([&] { return over.load(); }, 20s);
    return std::optional<http_server_response>{};
  };
  node.start({"run", "--config", node.configure(explorer.url())});
  BOOST_REQUIRE(eventually([&] { return asked > 0; }));
  node.signal(SIGTERM);
  auto end = node.wait(5s);
  over = true;
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
}

BOOST_AUTO_TEST_CASE(
  a_second_instance_is_refused_and_told_who_holds_the_store) {
  start_ready();
  auto second = run({"run", "--config", node.file("node.conf")});
  BOOST_CHECK_EQUAL(second.code, 1);
  says(second.err, std::to_string(node.pid()));
  // The first goes on undisturbed.
  node.signal(SIGTERM);
  BOOST_CHECK_EQUAL(node.wait(5s).value().code, 0);
}

BOOST_AUTO_TEST_CASE(check_tells_sound_from_broken_configurations) {
  auto sound = run({"check", "--config", node.configure("http://127.0.0.1:1")});
  BOOST_CHECK_EQUAL(sound.code, 0);
  says(sound.out, "sound");
  auto misspelt = run(
    {"check", "--config", node.write("a.conf", "[explorer]\nurll = \"x\"\n")});
  BOOST_CHECK_EQUAL(misspelt.code, 2);
  says(misspelt.out + misspelt.err, "url");
  auto absent = run({"check", "--config", node.file("none.conf")});
  BOOST_CHECK_EQUAL(absent.code, 2);
  says(absent.out + absent.err, "none.conf");
}

BOOST_AUTO_TEST_CASE(the_printed_configuration_passes_its_own_check) {
  auto printed = run({"config"});
  BOOST_CHECK_EQUAL(printed.code, 0);
  auto checked
    = run({"check", "--config", node.write("printed.conf", printed.out)});
  // Only the source is left to be chosen.
  BOOST_CHECK_EQUAL(checked.code, 2);
  says(checked.out + checked.err, "explorer.url");
}

BOOST_AUTO_TEST_CASE(an_identity_is_made_once_and_shown) {
  auto made = run_with_data({"identity", "new"});
  BOOST_CHECK_EQUAL(made.code, 0);
  auto again = run_with_data({"identity", "new"});
  BOOST_CHECK_EQUAL(again.code, 1);
  says(again.out + again.err, "exists already");
  auto shown = run_with_data({"identity", "show", "--json"});
  BOOST_CHECK_EQUAL(shown.code, 0);
  auto id = made.out.substr(0, made.out.find('\n'));
  says(shown.out, "\"node_id\":\"" + id + "\"");
  // The node runs under it.
  node.start({"run", "--config", node.configure("http://127.0.0.1:1")});
  BOOST_REQUIRE(node.hears("READY=1"));
  says(node.log(), id);
}

BOOST_AUTO_TEST_CASE(showing_an_identity_that_is_missing_fails) {
  auto shown = run_with_data({"identity", "show"});
  BOOST_CHECK_EQUAL(shown.code, 1);
  says(shown.out + shown.err, "identity.key");
}

BOOST_AUTO_TEST_CASE(the_originals_cache_is_imported_once) {
  run_with_data({"identity", "new"});
  auto folder = node.file("original");
  std::filesystem::create_directory(folder);
  std::filesystem::copy("tests/golden/original_cache/100-1", folder);
  auto first = run_with_data({"import", folder});
  BOOST_CHECK_EQUAL(first.code, 0);
  says(first.out, "1 imported");
  auto second = run_with_data({"import", folder});
  BOOST_CHECK_EQUAL(second.code, 0);
  says(second.out, "1 known already");
  auto absent = run_with_data({"import", node.file("none")});
  BOOST_CHECK_EQUAL(absent.code, 1);
  says(absent.out + absent.err, "none");
}

BOOST_AUTO_TEST_CASE(fsck_finds_a_sound_store_sound_and_damage_damaged) {
  start_ready();
  auto busy = run_with_data({"fsck"});
  BOOST_CHECK_EQUAL(busy.code, 1);
  says(busy.out + busy.err, std::to_string(node.pid()));
  node.signal(SIGTERM);
  BOOST_REQUIRE_EQUAL(node.wait(5s).value().code, 0);
  auto sound = run_with_data({"fsck", "--json"});
  BOOST_CHECK_EQUAL(sound.code, 0);
  says(sound.out, "\"clean\":true");
  // The name of the newest manifest is gone: LevelDB cannot open it.
  std::ofstream{node.data_dir() + "/store/CURRENT"} << "nonsense\n";
  auto damaged = run_with_data({"fsck"});
  BOOST_CHECK_EQUAL(damaged.code, 1);
  auto mended = run_with_data({"fsck", "--repair"});
  BOOST_CHECK_EQUAL(mended.code, 0);
  BOOST_CHECK_EQUAL(run_with_data({"fsck"}).code, 0);
}

BOOST_AUTO_TEST_CASE(fsck_of_a_folder_without_a_store_fails_by_name) {
  auto absent = run({"fsck", node.file("none")});
  BOOST_CHECK_EQUAL(absent.code, 1);
  says(absent.out + absent.err, "none");
}

BOOST_AUTO_TEST_CASE(a_data_folder_that_cannot_be_made_is_named) {
  auto path = node.write("a file", "") + "/data";
  auto refused
    = run({"run", "--explorer", "http://127.0.0.1:1", "--data-dir", path});
  BOOST_CHECK_EQUAL(refused.code, 1);
  says(refused.err, path);
}

BOOST_AUTO_TEST_SUITE_END()
