// The pictures in docs/: a busy node, as a browser shows it. They are taken
// anew with REGENERATE=1, which takes a minute.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "messages/json/json.hpp"
#include "tests/dashboard/dashboard_town.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::dashboard;
using namespace provision::journeys;
using provision::testing::a_volume;
using test::eventually;

namespace portrait_test {
namespace {

constexpr auto page_picture = "docs/dashboard-light.png";
constexpr auto detail_picture = "docs/dashboard-dark.png";

bool is_wished() {
  const char* wish = std::getenv("REGENERATE");
  return wish != nullptr && std::string{wish} == "1";
}

struct busy_town : dashboard_town {
  busy_town() {
    // Somebody else's reservation, to be set aside.
    auto stray = a_volume("9001-1");
    more = "[replay]\nfile = \""
           + node.write("given.jsonl", *json::write(stray) + "\n")
           + "\"\nsignatures = \"off\"\n";
    serve_at(0);
    // The capacity of a small node.
    std::ifstream in{conf};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    auto at = text.find("sru = \"1024TiB\"");
    BOOST_REQUIRE(at != std::string::npos);
    text.replace(at, 15,
                 "sru = \"8TiB\"\nhru = \"16TiB\"\nmru = \"64GiB\"\n"
                 "cru = 16");
    conf = node.write("small.conf", text);
  }

  void order(std::vector<std::string> words) {
    words.insert(words.begin(), {"--data-dir", node.data_dir()});
    BOOST_REQUIRE_EQUAL(run_program(PROVISIONCTL, words).code, 0);
  }

  /// Work for half a minute, so that the plots have something to show.
  std::int64_t live_for_a_while() {
    std::int64_t last = 0;
    for (int i = 0; i < 90; ++i) {
      for (int more_now = i % 3; more_now >= 0; --more_now)
        last = explorer->create(explorer->volume(5 + (i * 7) % 60));
      if (i % 8 == 0)
        explorer->cancel(last);
      if (i % 20 == 0)
        explorer->create(explorer->golden("zdb"));
      test::stays([] { return true; }, std::chrono::milliseconds{400});
    }
    BOOST_REQUIRE(eventually([&] { return runs(last); }));
    return last;
  }
};

} // namespace
} // namespace portrait_test

BOOST_FIXTURE_TEST_SUITE(portrait_test, busy_town)

BOOST_AUTO_TEST_CASE(the_pictures_are_there_and_small) {
  if (is_wished()) {
    tab.resize(1280, 860);
    tab.prefer("light");
    look();
    auto last = live_for_a_while();
    explorer->create(explorer->volume(100'000));
    tab.shows("#event-list", "not enough capacity");
    order({"cordon", "volume"});
    explorer->create(explorer->volume(30));
    tab.shows("#waiting-list", "volume");
    tab.save_screenshot(page_picture);
    tab.prefer("dark");
    tab.resize(1280, 700);
    tab.evaluate("location.hash = '#/reservation/" + gwid(last) + "'");
    tab.shows("#detail .timeline", "provisioned");
    tab.save_screenshot(detail_picture);
  }
  for (auto* picture : {page_picture, detail_picture}) {
    BOOST_REQUIRE_MESSAGE(std::filesystem::exists(picture), picture);
    BOOST_CHECK_LT(std::filesystem::file_size(picture), 200U << 10U);
    char head[4]{};
    std::ifstream{picture, std::ios::binary}.read(head, sizeof head);
    BOOST_CHECK_EQUAL(std::string(head, 4), "\x89PNG");
  }
}

BOOST_AUTO_TEST_SUITE_END()
