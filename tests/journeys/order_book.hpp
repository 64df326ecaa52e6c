#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "tests/journeys/explorer_under_test.hpp"

namespace provision::journeys {

/// A number from the environment, or what a test run has time for.
inline std::uint64_t chosen(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// What a user ordered of a node, and whether the node kept to it.
struct order_book {
  bool is_live(std::int64_t id) const { return !cancelled.contains(id); }

  std::vector<std::int64_t> live() const {
    std::vector<std::int64_t> result;
    for (const auto id : created)
      if (is_live(id))
        result.push_back(id);
    return result;
  }

  /// What the explorer was not told yet, one per line.
  std::string unsaid(const explorer_under_test& explorer) const {
    const auto all = explorer.accepted();
    const std::set<std::string> heard{all.begin(), all.end()};
    std::string missing;
    for (const auto id : created) {
      if (!heard.contains("result " + gwid(id)))
        missing += "result " + gwid(id) + "\n";
      if (!is_live(id) && !heard.contains("deleted " + gwid(id)))
        missing += "deleted " + gwid(id) + "\n";
    }
    return missing;
  }

  /// Signed once: every delivery had the same bytes.
  void check_results(const explorer_under_test& explorer) const {
    for (const auto id : created)
      BOOST_CHECK_MESSAGE(
        explorer.bodies(gwid(id)).size() == 1,
        gwid(id) << " has " << explorer.bodies(gwid(id)).size() << " results");
  }

  /// What the journal of a node that does not run says: one at a time, in the
  /// order of acceptance, none twice, none revived.
  void check_store(const std::string& folder,
                   const std::string& node_id) const {
    auto store
      = open_leveldb_store(folder, node_id, system_clock{}.now()).value();
    BOOST_CHECK(store->recovery().salvaged.empty());
    BOOST_CHECK_EQUAL(store->recovery().live_records, live().size());
    const auto lines = store->journal(0, 1'000'000).value();
    std::map<std::string, std::vector<std::string>> events;
    for (const auto& line : lines)
      events[line.event].push_back(line.id);
    BOOST_CHECK_EQUAL(events["accepted"].size(), created.size());
    BOOST_CHECK(events["provisioned"] == events["accepted"]);
    BOOST_CHECK(events["gone"] == events["removing"]);
    BOOST_CHECK_EQUAL(events["gone"].size(), cancelled.size());
  }

  std::vector<std::int64_t> created = {};
  std::set<std::int64_t> cancelled = {};
};

} // namespace provision::journeys
