#include <filesystem>
#include <string>

#include <boost/test/unit_test.hpp>

#include "messages/converter.hpp"
#include "messages/json/json.hpp"
#include "messages/json/peek.hpp"
#include "tests/messages/golden.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(json_glance_test)

namespace {

glance document_glance(const std::string& text) {
  return json::glance_at(own_text(text, text_form::document));
}

} // namespace

BOOST_AUTO_TEST_CASE(sees_what_a_whole_reading_would_say) {
  std::size_t seen = 0;
  for (const auto& file :
       std::filesystem::directory_iterator{"tests/golden/documents"}) {
    auto text = golden_text("documents/" + file.path().filename().string());
    auto document = json::read_document(text);
    auto whole = document ? to_reservation(*document)
                          : fail(errc::malformed_input, "not this one");
    if (!whole)
      continue;
    BOOST_TEST_CONTEXT(file.path()) {
      ++seen;
      BOOST_CHECK(document_glance(text) == glance_at(*whole));
      auto original = own_text(*json::write(*whole), text_form::reservation);
      BOOST_CHECK(json::glance_at(original) == glance_at(*whole));
    }
  }
  BOOST_CHECK_GE(seen, 8);
}

BOOST_AUTO_TEST_CASE(takes_the_last_of_a_key_that_comes_twice_in_any_case) {
  auto seen = document_glance(
    R"({"id":1,"workload_id":2,"next_action":3,"version":2,"ID":7,)"
    R"("result":{"state":1,"signature":"00"},"Next_Action":4})");
  BOOST_CHECK_EQUAL(seen.id, "7-2");
  BOOST_CHECK_EQUAL(seen.version, 2);
  BOOST_CHECK(seen.to_delete);
  BOOST_CHECK(seen.state == result_state::ok);
  BOOST_CHECK_EQUAL(seen.signature, "00");
}

BOOST_AUTO_TEST_CASE(sees_nothing_in_what_cannot_be_read) {
  for (const auto* text :
       {"", "{", "[]", "null", R"({"id":"1","workload_id":2})",
        R"({"id":1,"workload_id":2,"result":7})",
        R"({"id":1,"workload_id":2} {})"})
    BOOST_CHECK(document_glance(text) == glance{});
  std::string deep(100, '[');
  BOOST_CHECK(document_glance(R"({"id":1,"workload_id":2,"x":)" + deep
                              + std::string(100, ']') + "}")
              == glance{});
  BOOST_CHECK(json::glance_at(own_text("{\"id\":7}", text_form::reservation))
              == glance{});
}

BOOST_AUTO_TEST_SUITE_END()
