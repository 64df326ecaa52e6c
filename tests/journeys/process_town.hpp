#pragma once

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>

#include <boost/test/unit_test.hpp>

#include "messages/result.hpp"
#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_process.hpp"

namespace provision::journeys {

/// The real daemon as a process of its own, and an explorer whose user knows
/// its key.
struct process_town {
  explicit process_town(const std::string& more_configuration = {},
                        const std::string& host = node_process::plain_folders) {
    std::filesystem::create_directories(node.data_dir());
    auto made = run({"identity", "new", "--data-dir", node.data_dir()});
    BOOST_REQUIRE_EQUAL(made.code, 0);
    auto id = run({"identity", "show", "--data-dir", node.data_dir()}).out;
    explorer = std::make_unique<explorer_under_test>(node_id_in(id));
    conf = node.configure(explorer->url(), more_configuration, host);
  }

  static std::string node_id_in(const std::string& text) {
    std::istringstream words{text};
    for (std::string word; words >> word;)
      if (word.size() >= 43 && word.size() <= 44)
        return word;
    BOOST_FAIL("no node id in: " + text);
    return {};
  }

  /// Starts the daemon and waits until it is ready.
  void start() {
    node.start({"run", "--config", conf});
    BOOST_REQUIRE(node.hears("READY=1"));
  }

  void stop() {
    node.signal(SIGTERM);
    BOOST_REQUIRE_EQUAL(node.wait().value().code, 0);
  }

  std::string folder(std::int64_t id) const {
    return node.data_dir() + "/volumes/" + gwid(id);
  }

  bool runs(std::int64_t id) const {
    return explorer->find(id).result.state == result_state::ok
           && explorer->find(id).result.workload_id == gwid(id);
  }

  bool is_told(const std::string& what) const {
    return std::ranges::count(explorer->accepted(), what) > 0;
  }

  node_process node = {};
  std::unique_ptr<explorer_under_test> explorer = {};
  std::string conf = {};
};

} // namespace provision::journeys
