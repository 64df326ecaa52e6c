// What a customer or a controller writes is shown as text, whatever it says.
#include <boost/test/unit_test.hpp>

#include "messages/json/json.hpp"
#include "tests/dashboard/dashboard_town.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::dashboard;
using namespace provision::journeys;
using provision::testing::a_volume;

namespace hostile_text_test {
namespace {

const std::string script
  = "<img src=x onerror=hacked=1><script>hacked=1</script>";

struct hostile_town : dashboard_town {
  hostile_town() {
    auto bad_user = a_volume("100-1");
    bad_user.user_id = script;
    auto bad_id = a_volume("<b>1-1</b>" + script);
    auto bad_data = a_volume("102-1");
    bad_data.data = R"({"size":"<b>x</b>","type":"<script>hacked=1</script>"})";
    auto bad_type = a_volume("103-1");
    bad_type.type = reservation_type{script};
    auto bad_node = a_volume("104-1");
    std::string lines;
    for (auto* one : {&bad_user, &bad_id, &bad_data, &bad_type, &bad_node}) {
      one->node_id = one == &bad_node ? script : explorer->node_id();
      lines += *json::write(*one) + "\n";
    }
    more = "[replay]\nfile = \"" + node.write("given.jsonl", lines)
           + "\"\nsignatures = \"off\"\n";
    serve_at(0);
  }

  /// Nothing ran, and nothing that was written became a part of the page.
  void check_harmless() {
    BOOST_CHECK(tab.evaluate("typeof hacked") == "undefined");
    BOOST_CHECK(tab.evaluate("document.querySelectorAll('img, b, body script')"
                             ".length")
                == 0);
    for (auto& complaint : tab.complaints())
      BOOST_ERROR(complaint);
  }
};

} // namespace
} // namespace hostile_text_test

BOOST_FIXTURE_TEST_SUITE(hostile_text_test, hostile_town)

BOOST_AUTO_TEST_CASE(html_in_a_reservation_stays_text) {
  look();
  BOOST_CHECK(tab.sees(row_is("100-1", "provisioned")));
  tab.shows("#rows", script);
  tab.shows("#quarantine-list", script);
  tab.shows("#event-list", "104-1");
  check_harmless();
  // Each of them opened: whatever is known of it is shown.
  auto links = "[...document.querySelectorAll('#rows a, #quarantine-list a')]";
  auto count = tab.evaluate(links + std::string{".length"}).get<int>();
  BOOST_CHECK_GE(count, 3);
  for (int i = 0; i < count; ++i) {
    tab.evaluate(links + ("[" + std::to_string(i) + "].click()"));
    BOOST_CHECK_MESSAGE(tab.sees("document.querySelector('#detail .summary')"),
                        "link " << i << " shows " << tab.text("#detail"));
    check_harmless();
    tab.press("Escape");
    BOOST_CHECK(tab.sees("!document.querySelector('#detail').open"));
  }
}

BOOST_AUTO_TEST_CASE(html_in_the_address_stays_text) {
  start();
  tab.open(origin() + "/dashboard/#/reservation/"
           + "%3Cimg%20src%3Dx%20onerror%3Dhacked%3D1%3E");
  tab.shows("#detail-title", "<img src=x onerror=hacked=1>");
  tab.shows("#detail .summary", "the node knows no reservation");
  BOOST_CHECK(tab.evaluate("typeof hacked") == "undefined");
  BOOST_CHECK(tab.evaluate("document.querySelectorAll('img').length") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
