#include <boost/test/unit_test.hpp>

#include "actors/provisioners/entrypoint.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(entrypoint_test)

namespace {

using words = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(splits_at_blanks) {
  BOOST_CHECK((split_entrypoint("/bin/sh  -c\ttrue\n").value()
               == words{"/bin/sh", "-c", "true"}));
  BOOST_CHECK(split_entrypoint("").value().empty());
  BOOST_CHECK(split_entrypoint(" \t ").value().empty());
}

BOOST_AUTO_TEST_CASE(quotes_keep_together) {
  BOOST_CHECK(
    (split_entrypoint(R"(sh -c 'a "b" \n' "c 'd'" "" e"f g"h)").value()
     == words{"sh", "-c", R"(a "b" \n)", "c 'd'", "", "ef gh"}));
}

BOOST_AUTO_TEST_CASE(a_backslash_takes_the_next_as_it_is) {
  BOOST_CHECK((split_entrypoint(R"(a\ b "c\"d" \\ $HOME)").value()
               == words{"a b", "c\"d", "\\", "$HOME"}));
}

BOOST_AUTO_TEST_CASE(refuses_a_quote_without_an_end) {
  for (const auto* line : {"'a", "\"a", "a 'b\""}) {
    const auto split = split_entrypoint(line);
    BOOST_REQUIRE(!split);
    BOOST_CHECK(split.error().code == errc::invalid_reservation);
  }
}

BOOST_AUTO_TEST_SUITE_END()
