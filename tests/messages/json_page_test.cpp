#include "messages/json/json.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/messages/golden.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(json_page_test)

namespace {

std::vector<std::string> texts_of(const std::string& page) {
  auto slices = json::split_page(page);
  BOOST_REQUIRE_MESSAGE(slices, slices.error().message << " in " << page);
  std::vector<std::string> texts;
  for (const auto& slice : *slices)
    texts.emplace_back(slice.text);
  return texts;
}

std::string message_of(const std::string& page) {
  auto slices = json::split_page(page);
  BOOST_TEST(!slices.has_value(), "accepted: " << page);
  return slices ? std::string{} : slices.error().message;
}

using texts = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(takes_null_and_an_empty_array_as_no_elements) {
  for (const auto* page : {"null", "null\n", " \r\n\tnull ", "[]", " [ ]\n"})
    BOOST_TEST(texts_of(page).empty());
}

BOOST_AUTO_TEST_CASE(splits_without_looking_into_the_elements) {
  BOOST_TEST((texts_of(" [ {\"a\":\"],}[\\\"\"} ,\n{\"b\":[[1],{}]} ] ")
              == texts{R"({"a":"],}[\""})", R"({"b":[[1],{}]})"}));
  BOOST_TEST(
    (texts_of(R"([{"a":tru},null,7,"x,]",[1,2],{]}])")
     == texts{R"({"a":tru})", "null", "7", R"("x,]")", "[1,2]", "{]}"}));
}

BOOST_AUTO_TEST_CASE(ignores_what_follows_the_array) {
  BOOST_TEST((texts_of("[{}] trailing ]} \"text") == texts{"{}"}));
}

BOOST_AUTO_TEST_CASE(shares_one_buffer_between_all_slices) {
  std::string page = "[{\"a\":1},{\"b\":2}]";
  page.reserve(100);
  const auto* bytes = page.data();
  auto slices = json::split_page(std::move(page));
  BOOST_REQUIRE(slices);
  BOOST_REQUIRE(slices->size() == 2U);
  BOOST_TEST(slices->front().buffer.use_count() == 2);
  BOOST_TEST((slices->front().buffer == slices->back().buffer));
  BOOST_TEST(slices->front().text.data() == bytes + 1);
  BOOST_TEST((slices->front().form == text_form::document));
}

BOOST_AUTO_TEST_CASE(lets_a_broken_element_fail_alone) {
  auto volume = golden_text("documents/volume.json");
  auto slices
    = json::split_page("[" + volume + R"(,{"id":tru},null,7,"\x",)"
                       + "{\"description\":\"\xFF\"}," + volume + "]\n");
  BOOST_REQUIRE(slices);
  BOOST_REQUIRE(slices->size() == 7U);
  for (std::size_t i = 0; i < slices->size(); ++i) {
    auto read = json::read_document((*slices)[i].text);
    BOOST_TEST(read.has_value() == (i == 0 || i == 6), i);
  }
}

BOOST_AUTO_TEST_CASE(refuses_pages_that_were_not_received_whole) {
  const std::string page = R"([{"a":"x\"]"},[null,2]])";
  for (std::size_t size = 0; size < page.size(); ++size)
    BOOST_TEST(!message_of(page.substr(0, size)).empty());
  BOOST_TEST(message_of(R"([{"a":1},{"b")")
             == "page: the array does not end (element 1, byte 13)");
}

BOOST_AUTO_TEST_CASE(refuses_pages_that_are_no_array) {
  BOOST_TEST(message_of("") == "page: empty text (element 0, byte 0)");
  BOOST_TEST(message_of("{}")
             == "page: expected an array or null (element 0, byte 0)");
  for (const auto* page : {"nullx", "nul", "true", "<html>", "[,]", "[{},]",
                           "[{},,{}]", "[", "[{}"})
    BOOST_TEST(!message_of(page).empty());
}

BOOST_AUTO_TEST_CASE(keeps_the_limits_of_a_page) {
  json::limits small;
  small.page_bytes_max = 8;
  auto slices = json::split_page("[1,2,3,4]", small);
  BOOST_REQUIRE(!slices);
  BOOST_TEST((slices.error().code == errc::input_too_large));
  BOOST_TEST(slices.error().message == "page of 9 bytes, the limit is 8");
  small = {};
  small.elements_max = 2;
  BOOST_TEST(json::split_page("[1,2]", small).has_value());
  slices = json::split_page("[1,2,3]", small);
  BOOST_REQUIRE(!slices);
  BOOST_TEST((slices.error().code == errc::input_too_large));
  BOOST_TEST(slices.error().message == "page of more than 2 elements");
}

BOOST_AUTO_TEST_CASE(leaves_depth_to_the_one_who_reads_the_element) {
  auto deep = std::string(100000, '[') + std::string(100000, ']');
  auto slices = json::split_page("[{}," + deep + "]");
  BOOST_REQUIRE(slices);
  BOOST_REQUIRE(slices->size() == 2U);
  auto read = json::read_document(slices->back().text);
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().code == errc::input_too_large));
}

BOOST_AUTO_TEST_SUITE_END()
