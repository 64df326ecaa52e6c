// Orders with the real programs: provisionctl tells a daemon what to do.
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include "messages/json/json.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/support/node_under_test.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;
using provision::testing::a_volume;

namespace operator_orders_test {
namespace {

struct household {
  household() {
    auto made = run({"identity", "new", "--data-dir", node.data_dir()});
    BOOST_REQUIRE_EQUAL(made.code, 0);
    node_id = made.out.substr(0, made.out.find('\n'));
  }

  std::string line(reservation what) const {
    what.node_id = node_id;
    return *json::write(what) + "\n";
  }

  /// A node that reads these lines, from where it was.
  void start(const std::string& lines) {
    auto file = node.write("given.jsonl", lines);
    node.start(
      {"run", "--config",
       node.configure("http://127.0.0.1:1", "[replay]\nfile = \"" + file
                                              + "\"\nsignatures = \"off\"\n")});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  void stop() {
    node.signal(SIGTERM);
    BOOST_REQUIRE_EQUAL(node.wait(5s).value().code, 0);
  }

  ending ctl(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--data-dir", node.data_dir()});
    return run_program(PROVISIONCTL, words);
  }

  /// Waits until the command says this.
  bool comes_to_say(const std::vector<std::string>& words,
                    const std::string& part) {
    ending last;
    bool found = eventually([&] {
      last = ctl(words);
      return last.out.find(part) != std::string::npos;
    });
    BOOST_CHECK_MESSAGE(found,
                        "'" + part + "' is missing in: " + last.out + last.err);
    return found;
  }

  void orders(const std::vector<std::string>& words, int code = 0) {
    auto end = ctl(words);
    BOOST_CHECK_MESSAGE(end.code == code, words.front()
                                            << " ended with " << end.code
                                            << ": " << end.out << end.err);
  }

  node_process node = {};
  std::string node_id = {};
};

} // namespace
} // namespace operator_orders_test

BOOST_FIXTURE_TEST_SUITE(operator_orders_test, household)

BOOST_AUTO_TEST_CASE(a_cordon_survives_a_restart_and_is_lifted) {
  auto lines = line(a_volume("100-1"));
  start(lines);
  comes_to_say({"list"}, "provisioned");
  orders({"cordon", "volume"});
  comes_to_say({"types"}, "serving, cordoned");
  stop();
  start(lines + line(a_volume("101-1")));
  comes_to_say({"waiting"}, "101-1");
  comes_to_say({"ready"}, "[-] types: volume cordoned");
  orders({"uncordon", "volume"});
  comes_to_say({"show", "101-1"}, "provisioned");
  orders({"retry", "101-1"}, 3);
  stop();
  auto log = node.log();
  BOOST_CHECK_MESSAGE(log.find("order=uncordon") != std::string::npos
                        && log.find("subject=volume") != std::string::npos,
                      log);
}

BOOST_AUTO_TEST_CASE(a_paused_node_is_not_ready_until_it_goes_on) {
  start(line(a_volume("100-1")));
  orders({"pause"});
  orders({"ready"}, 6);
  comes_to_say({"status"}, "an operator has paused intake");
  orders({"resume"});
  orders({"ready"});
}

BOOST_AUTO_TEST_CASE(what_was_set_aside_is_tried_again_and_forgotten) {
  start("{garbage\n" + line(a_volume("100-1")));
  comes_to_say({"list"}, "provisioned");
  auto listed = ctl({"--json", "quarantine", "list"});
  auto at = listed.out.find("\"key\":\"");
  BOOST_REQUIRE_NE(at, std::string::npos);
  at += 7;
  auto key = listed.out.substr(at, listed.out.find('"', at) - at);
  orders({"quarantine", "retry", key});
  orders({"quarantine", "show", key});
  auto dropped = ctl({"--json", "quarantine", "drop", key});
  BOOST_CHECK_EQUAL(dropped.out,
                    "{\"order\":\"drop_quarantined\",\"subject\":\"" + key
                      + "\"}\n");
  orders({"quarantine", "show", key}, 3);
  orders({"quarantine", "drop", key}, 3);
}

BOOST_AUTO_TEST_CASE(orders_that_make_no_sense_are_told_apart) {
  orders({"pause"}, 4);
  start(line(a_volume("100-1")));
  orders({"confirm", "deletions"});
  orders({"confirm", "clock"});
  orders({"confirm"}, 2);
  orders({"cordon"}, 2);
  orders({"cordon", ""}, 2);
  orders({"cordon", "volume", "--all"}, 2);
  orders({"cordon", "rocket"}, 3);
  orders({"retry", "7"}, 3);
  orders({"cordon", "--all"});
  comes_to_say({"status"}, "an operator has cordoned the node");
  orders({"uncordon", "--all"});
}

BOOST_AUTO_TEST_CASE(every_order_has_a_help_with_an_example) {
  for (auto& words :
       std::vector<std::vector<std::string>>{{"pause"},
                                             {"resume"},
                                             {"cordon"},
                                             {"uncordon"},
                                             {"retry"},
                                             {"waiting"},
                                             {"confirm"},
                                             {"confirm", "deletions"},
                                             {"confirm", "clock"},
                                             {"quarantine", "retry"},
                                             {"quarantine", "drop"}}) {
    auto asked = words;
    asked.push_back("--help");
    auto help = ctl(asked);
    BOOST_CHECK_EQUAL(help.code, 0);
    BOOST_CHECK_MESSAGE(
      help.out.find("Example:\n  provisionctl " + words.front())
          != std::string::npos
        || words.back() == "deletions",
      help.out);
  }
}

BOOST_AUTO_TEST_SUITE_END()
