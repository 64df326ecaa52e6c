#include "messages/received_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(received_text_test)

BOOST_AUTO_TEST_CASE(points_into_the_buffer_that_it_owns) {
  // Short and long: a short string would move its characters along.
  for (std::string bytes : {std::string{"{}"}, std::string(1000, 'x')}) {
    auto owned = own_text(bytes, text_form::reservation);
    auto copy = owned;
    owned = {};
    BOOST_TEST(copy.text == bytes);
    BOOST_TEST(copy.text.data() == copy.buffer->data());
    BOOST_CHECK(copy.form == text_form::reservation);
  }
}

BOOST_AUTO_TEST_SUITE_END()
