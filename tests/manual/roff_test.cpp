#include "manual/roff.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(roff_test)

BOOST_AUTO_TEST_CASE(prints_signs_that_have_a_meaning_as_they_are) {
  BOOST_CHECK_EQUAL(roff::escape("a\\b -c 'd' ^ ~"),
                    "a\\eb \\-c \\(aqd\\(aq \\(ha \\(ti");
}

BOOST_AUTO_TEST_CASE(a_text_is_never_a_request) {
  BOOST_CHECK_EQUAL(roff::paragraph(".so /etc/shadow"),
                    ".PP\n\\&.so /etc/shadow\n");
  BOOST_CHECK_EQUAL(roff::verbatim("one\n.two"),
                    ".PP\n.EX\none\n\\&.two\n.EE\n");
}

BOOST_AUTO_TEST_CASE(a_quote_does_not_end_a_heading) {
  BOOST_CHECK_EQUAL(roff::section("say \"no\""), ".SH \"say \\(dqno\\(dq\"\n");
}

BOOST_AUTO_TEST_CASE(a_heading_begins_the_first_paragraph_itself) {
  BOOST_CHECK_EQUAL(roff::page(roff::section("A") + roff::paragraph("b")
                               + roff::paragraph("c")),
                    ".SH \"A\"\nb\n.PP\nc\n");
}

BOOST_AUTO_TEST_SUITE_END()
