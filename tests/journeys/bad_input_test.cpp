#include <boost/test/unit_test.hpp>

#include <map>
#include <set>

#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_in_process.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace bad_input_test {
namespace {

/// The place of one workload's document in a page.
std::size_t place_of(const std::string& page, std::int64_t id) {
  return page.find("\"id\":" + std::to_string(id) + ",");
}

void spoil(std::string& page, std::int64_t id, const std::string& from,
           const std::string& to) {
  auto place = place_of(page, id);
  if (place == std::string::npos)
    return;
  auto found = page.find(from, place);
  if (found != std::string::npos)
    page.replace(found, from.size(), to);
}

/// A page in which every document but the last is bad in its own way.
struct spoilt_town {
  enum bad : std::int64_t {
    negative_size = 1,
    wrong_type,
    deep,
    huge,
    unknown_type,
    other_node,
    no_base58,
    forged,
    twice,
    good,
  };

  spoilt_town() {
    std::vector<documents::workload> all;
    for (std::int64_t id = negative_size; id <= good; ++id) {
      all.push_back(explorer.volume(id == negative_size ? -1 : 1));
      all.back().id = id;
    }
    explorer.load(std::move(all));
    explorer.after = [this](const http_server_request& request,
                            http_server_response& answered) {
      if (request.target.find("?from=") != std::string::npos)
        spoil_all(answered.body);
    };
  }

  void spoil_all(std::string& page) {
    const std::string size = "\"size\":1,";
    spoil(page, wrong_type, size, "\"size\":\"1\",");
    spoil(page, deep, size,
          size + "\"deep\":" + std::string(100, '[') + std::string(100, ']')
            + ",");
    spoil(page, huge, size,
          size + "\"huge\":\"" + std::string(2U << 20U, 'x') + "\",");
    spoil(page, unknown_type, "\"workload_type\":2", "\"workload_type\":99");
    spoil(page, forged, size, "\"size\":2,");
    rename_node(page, other_node,
                "2xyzMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85");
    rename_node(page, no_base58, "0OIl");
    repeat(page, twice);
  }

  /// The node's name stands before the id in a document.
  void rename_node(std::string& page, std::int64_t id,
                   const std::string& name) {
    auto place = place_of(page, id);
    auto field = "\"node_id\":\"" + explorer.node_id() + "\"";
    auto found = page.rfind(field, place);
    if (place != std::string::npos && found != std::string::npos)
      page.replace(found, field.size(), "\"node_id\":\"" + name + "\"");
  }

  void repeat(std::string& page, std::int64_t id) {
    auto place = place_of(page, id);
    if (place == std::string::npos)
      return;
    auto begin = page.rfind("{\"workload_id\":", place);
    auto end = page.find("{\"workload_id\":", place);
    if (begin != std::string::npos && end != std::string::npos)
      page.insert(end, page.substr(begin, end - begin));
  }

  std::string message_of(std::int64_t id) const {
    return explorer.find(id).result.message;
  }

  explorer_under_test explorer{key_of_the_node().node_id()};
  node_in_process node{explorer.url()};
};

} // namespace
} // namespace bad_input_test

BOOST_FIXTURE_TEST_SUITE(bad_input_test, spoilt_town)

BOOST_AUTO_TEST_CASE(each_bad_document_is_answered_by_itself) {
  node.start();
  BOOST_REQUIRE(
    eventually([&] { return node.count("provision " + gwid(good)) == 1; }));
  // Each error names the field, or what is wrong with the whole.
  const std::map<std::int64_t, std::string> owed{
    {negative_size, "size"}, {wrong_type, "size"},  {deep, "deep"},
    {huge, "1048576"},       {forged, "signature"},
  };
  for (auto& [id, word] : owed) {
    BOOST_TEST_CONTEXT("workload " << id) {
      BOOST_CHECK(eventually([&] { return !message_of(id).empty(); },
                             std::chrono::seconds{3}));
      BOOST_CHECK_MESSAGE(message_of(id).find(word) != std::string::npos,
                          message_of(id));
    }
  }
  // What is not ours gets no answer of ours, and for a type that nobody knows
  // there is none that the explorer could store.
  for (auto id : {other_node, no_base58, unknown_type})
    BOOST_CHECK_EQUAL(message_of(id), "");
  BOOST_CHECK(
    eventually([&] { return node.count("provision " + gwid(twice)) == 1; }));
  auto calls = node.calls();
  BOOST_CHECK_EQUAL(calls.size(), 2u);
  node.stop();
  node.end();
  std::set<std::string> aside;
  auto rows = node.open_store()->quarantine({}, 100).value();
  for (auto& row : rows)
    aside.insert(row.key);
  // A negative size can be read; it is the engine that rejects it.
  for (std::int64_t id = wrong_type; id <= forged; ++id)
    BOOST_CHECK_MESSAGE(aside.contains(gwid(id)), gwid(id));
}

BOOST_AUTO_TEST_SUITE_END()
