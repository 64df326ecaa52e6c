#pragma once

#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <string>
#include <vector>

#include "messages/json/json.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/support/node_under_test.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

namespace provision::journeys {

/// A node in a process of its own that nobody gives anything, and provisionctl
/// as another.
struct household {
  household() {
    auto made = run({"identity", "new", "--data-dir", node.data_dir()});
    BOOST_REQUIRE_EQUAL(made.code, 0);
    node_id = made.out.substr(0, made.out.find('\n'));
  }

  /// `signatures`: of what an operator submits.
  void start(const std::string& explorer = "http://127.0.0.1:1",
             const std::string& signatures = "off") {
    config = node.configure(explorer,
                            "[replay]\nsignatures = \"" + signatures + "\"\n");
    node.start({"run", "--config", config});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  void stop() {
    using namespace std::chrono_literals;
    node.signal(SIGTERM);
    BOOST_REQUIRE_EQUAL(node.wait(5s).value().code, 0);
  }

  ending ctl(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--data-dir", node.data_dir()});
    return run_program(PROVISIONCTL, words);
  }

  /// Runs it and checks how it ends.
  ending ends(int code, const std::vector<std::string>& words) const {
    auto end = ctl(words);
    BOOST_CHECK_MESSAGE(end.code == code, words.front()
                                            << " ended with " << end.code
                                            << ": " << end.out << end.err);
    return end;
  }

  std::string line(reservation what) const {
    what.node_id = node_id;
    return *json::write(what) + "\n";
  }
  std::string volume(const std::string& id) const {
    return line(testing::a_volume(id));
  }
  /// Larger than any host.
  std::string too_large(const std::string& id) const {
    auto what = testing::a_volume(id);
    what.data = R"({"size":2000000,"type":"ssd"})";
    return line(what);
  }

  /// Submits these and waits for the last of them.
  void give(const std::string& lines, const std::string& last) {
    ends(0, {"submit", node.write("given.jsonl", lines)});
    ends(0, {"wait", last, "--for=settled", "--timeout", "20s"});
  }

  node_process node = {};
  std::string node_id = {};
  std::string config = {};
};

} // namespace provision::journeys
