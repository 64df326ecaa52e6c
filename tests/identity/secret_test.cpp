#include "identity/secret.hpp"

#include <boost/test/unit_test.hpp>

#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

using namespace provision;

BOOST_AUTO_TEST_SUITE(secret_test)

namespace {

template <class T>
concept streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

template <class T>
concept convertible_to_text
  = std::convertible_to<const T&, std::string> || std::convertible_to<
    const T&, std::string_view> || requires(const T& v) {
  to_string(v);
} || requires(const T& v) {
  format_as(v);
};

static_assert(streamable<std::string>);
static_assert(!streamable<secret>);
static_assert(!convertible_to_text<secret>);
static_assert(!std::is_convertible_v<std::string, secret>);

} // namespace

BOOST_AUTO_TEST_CASE(shows_its_bytes_only_when_asked) {
  secret hidden{std::string_view{"pass\0word", 9}};
  BOOST_CHECK_EQUAL(hidden.size(), 9u);
  BOOST_CHECK(hidden.reveal() == std::string_view("pass\0word", 9));
}

BOOST_AUTO_TEST_CASE(is_empty_after_it_was_moved_from) {
  secret from{"password"};
  secret to{std::move(from)};
  BOOST_CHECK(from.empty());
  BOOST_CHECK(from.reveal().empty());
  BOOST_CHECK(to.reveal() == "password");
  secret assigned{"other"};
  assigned = std::move(to);
  BOOST_CHECK(to.empty());
  BOOST_CHECK(assigned.reveal() == "password");
}

BOOST_AUTO_TEST_CASE(copies_into_bytes_of_its_own) {
  secret original{"password"};
  secret copy{original};
  original = secret{"changed"};
  BOOST_CHECK(copy.reveal() == "password");
  auto& alias = copy;
  copy = alias;
  BOOST_CHECK(copy.reveal() == "password");
  copy = secret{};
  BOOST_CHECK(copy.empty());
}

BOOST_AUTO_TEST_CASE(leaves_nothing_in_a_text_that_it_absorbed) {
  std::string text = "a password that is longer than fifteen characters";
  const auto* place = text.data();
  auto size = text.size();
  auto hidden = secret::absorb(text);
  BOOST_CHECK(text.empty());
  // The text still owns that room, so it may be looked at.
  BOOST_CHECK(text.data() == place);
  text.resize(size);
  BOOST_CHECK(text == std::string(size, '\0'));
  BOOST_CHECK_EQUAL(hidden.size(), size);
}

BOOST_AUTO_TEST_CASE(compares_by_content) {
  BOOST_CHECK(secret{"a"} == secret{"a"});
  BOOST_CHECK(!(secret{"a"} == secret{"b"}));
  BOOST_CHECK(!(secret{"a"} == secret{"aa"}));
  BOOST_CHECK(secret{} == secret{""});
}

BOOST_AUTO_TEST_SUITE_END()
