#include "actors/outcome_line.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

namespace outcome_line_test {
namespace {

settlement outcome_of(const std::string& id, bool owes_result = true) {
  settlement outcome;
  outcome.result.id = id;
  outcome.send_result = owes_result;
  return outcome;
}

std::vector<std::string> ids_of(const outcome_line::group& group) {
  std::vector<std::string> ids;
  for (auto& outcome : group)
    ids.push_back(outcome.result.id);
  return ids;
}

std::vector<std::string> ids_of(const outcome_group& group) {
  return ids_of(group->outcomes);
}

/// As the signer answers.
std::vector<result> signed_by(const outcome_line::group& group,
                              const std::string& signature) {
  std::vector<result> results;
  for (auto& outcome : group)
    if (outcome.send_result) {
      results.push_back(outcome.result);
      results.back().signature = signature;
    }
  return results;
}

struct fixture {
  fixture() {
    for (auto id : {"a", "b", "c"})
      line.push_back(outcome_of(id));
  }
  void sign(std::size_t count_max = 10) {
    line.was_signed(signed_by(line.next_to_sign(count_max), "s"));
  }

  outcome_line line;
};

using ids = std::vector<std::string>;

} // namespace
} // namespace outcome_line_test

BOOST_FIXTURE_TEST_SUITE(outcome_line_test, fixture)

BOOST_AUTO_TEST_CASE(signs_the_next_group_while_one_is_stored) {
  sign(2);
  BOOST_TEST(ids_of(line.next_to_store(10)) == (ids{"a", "b"}),
             boost::test_tools::per_element());
  BOOST_TEST(ids_of(line.next_to_sign(10)) == (ids{"c"}),
             boost::test_tools::per_element());
  BOOST_TEST(line.size() == 3U);
}

BOOST_AUTO_TEST_CASE(gives_one_group_at_a_time_to_each) {
  BOOST_TEST(!line.next_to_sign(1).empty());
  BOOST_TEST(line.next_to_sign(1).empty());
  line.was_signed(signed_by({outcome_of("a")}, "s"));
  BOOST_TEST(line.next_to_store(1) != nullptr);
  BOOST_TEST(line.next_to_store(1) == nullptr);
}

BOOST_AUTO_TEST_CASE(what_was_not_signed_is_the_next_group_again) {
  line.next_to_sign(2);
  line.was_not_signed();
  BOOST_TEST(ids_of(line.next_to_sign(10)) == (ids{"a", "b", "c"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_not_stored_goes_before_what_was_signed_since) {
  sign(1);
  line.next_to_store(10);
  sign();
  line.was_not_stored();
  auto again = line.next_to_store(10);
  BOOST_TEST(ids_of(again) == (ids{"a", "b", "c"}),
             boost::test_tools::per_element());
  BOOST_TEST(again->outcomes.front().result.signature == "s");
}

BOOST_AUTO_TEST_CASE(signatures_go_to_those_that_owe_a_result) {
  line = {};
  line.push_back(outcome_of("gone", false));
  line.push_back(outcome_of("made"));
  sign();
  auto group = line.next_to_store(10);
  BOOST_TEST(group->outcomes[0].result.signature.empty());
  BOOST_TEST(group->outcomes[1].result.signature == "s");
}

BOOST_AUTO_TEST_CASE(is_empty_once_all_is_stored) {
  sign();
  BOOST_TEST(ids_of(line.next_to_store(10)).size() == 3U);
  BOOST_TEST(!line.empty());
  BOOST_TEST(ids_of(line.was_stored()).size() == 3U);
  BOOST_TEST(line.empty());
}

BOOST_AUTO_TEST_SUITE_END()
