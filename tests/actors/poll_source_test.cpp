#include "actors/sources/poll_source.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/actors/asking.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace poll_source_test {
namespace {

using numbers = std::vector<std::uint64_t>;

/// Answers with what the test has laid out; without that it does not answer.
class scripted_poller final : public reservation_poller {
public:
  using done_func = std::function<void(poll_page, error)>;

  void poll(const std::string&, std::uint64_t from, done_func done) override {
    asked.push_back(from);
    if (answers.empty()) {
      waiting = std::move(done);
      return;
    }
    auto [page, failure] = answers.front();
    if (answers.size() > 1)
      answers.pop_front();
    done(std::move(page), std::move(failure));
  }

  numbers asked = {};
  /// The last one is given again and again.
  std::deque<std::pair<poll_page, error>> answers = {};
  done_func waiting = {};
};

std::pair<poll_page, error> a_page(std::size_t count, std::uint64_t last) {
  poll_page page{{}, last};
  for (std::size_t i = 0; i < count; ++i)
    page.documents.push_back(own_text("{}", text_form::document));
  return {std::move(page), {}};
}

std::pair<poll_page, error> a_failure() {
  return {{}, {errc::explorer_unreachable, "refused"}};
}

struct fixture : deterministic {
  void start() { source = spawn(poll_source, poller, options); }
  void ask() { ask_page(*this, source, pages); }

  std::shared_ptr<scripted_poller> poller = std::make_shared<scripted_poller>();
  poll_source_options options = {.node_id = "node", .settings = {}};
  poll_source_actor source;
  source_pages pages;
};

void check_equal(const numbers& left, const numbers& right) {
  BOOST_CHECK_EQUAL_COLLECTIONS(left.begin(), left.end(), right.begin(),
                                right.end());
}

} // namespace
} // namespace poll_source_test

BOOST_FIXTURE_TEST_SUITE(poll_source_test, fixture)

BOOST_AUTO_TEST_CASE(polls_only_when_somebody_asks) {
  poller->answers = {a_page(1, 5)};
  start();
  advance(1min);
  check_equal(poller->asked, {});
  ask();
  advance(1min);
  check_equal(poller->asked, {0});
}

BOOST_AUTO_TEST_CASE(starts_at_the_stored_cursor_and_goes_on_behind_the_last) {
  options.from = 41;
  poller->answers = {a_page(2, 50), a_page(1, 51)};
  start();
  ask();
  ask();
  check_equal(poller->asked, {41, 51});
  BOOST_CHECK_EQUAL(*pages[0]->cursor, 51);
  BOOST_CHECK_EQUAL(*pages[1]->cursor, 52);
  BOOST_CHECK_EQUAL(pages[0]->source, "explorer");
  BOOST_CHECK_EQUAL(pages[0]->documents.size(), 2);
}

BOOST_AUTO_TEST_CASE(hands_on_the_policy_for_signatures) {
  options.settings.signatures = config::signature_policy::enforce;
  poller->answers = {a_page(1, 5)};
  start();
  ask();
  BOOST_CHECK(pages[0]->signatures == config::signature_policy::enforce);
}

BOOST_AUTO_TEST_CASE(polls_at_once_while_there_is_more) {
  poller->answers = {a_page(2, 2), a_page(2, 4), a_page(2, 6)};
  start();
  for (int i = 0; i < 3; ++i)
    ask();
  check_equal(poller->asked, {0, 3, 5});
}

BOOST_AUTO_TEST_CASE(waits_for_the_interval_when_a_page_gets_no_further) {
  // What the explorer's queue holds comes in every page until it is reported.
  options.settings.poll_interval = 10s;
  poller->answers = {a_page(1, 5), a_page(1, 6), a_page(1, 7)};
  start();
  for (int i = 0; i < 3; ++i)
    ask();
  check_equal(poller->asked, {0, 6});
  advance(10100ms);
  check_equal(poller->asked, {0, 6, 7});
}

BOOST_AUTO_TEST_CASE(stays_where_it_is_while_the_explorer_shows_its_queue) {
  options.from = 6;
  options.settings.poll_interval = 10s;
  poll_page queue{
    {own_text(R"({"id":3,"workload_id":1})", text_form::document),
     own_text(R"({"id":5,"workload_id":1})", text_form::document)},
    6};
  poll_page last{{own_text(R"({"id":6,"workload_id":1})", text_form::document)},
                 6};
  poller->answers = {{queue, {}}, {queue, {}}, {last, {}}};
  start();
  for (int i = 0; i < 4; ++i) {
    ask();
    advance(10100ms);
  }
  // Id 6 was to come, and it came.
  check_equal(poller->asked, {6, 6, 6, 7});
  BOOST_CHECK_EQUAL(*pages.at(0)->cursor, 6);
  BOOST_CHECK_EQUAL(*pages.at(2)->cursor, 7);
}

BOOST_AUTO_TEST_CASE(waits_for_the_interval_when_there_is_nothing_new) {
  options.settings.poll_interval = 10s;
  poller->answers = {a_page(1, 5), a_page(0, 5), a_page(0, 5), a_page(1, 6)};
  start();
  ask();
  ask();
  // The page that ends the history is handed over although it is empty.
  BOOST_REQUIRE_EQUAL(pages.size(), 2);
  ask();
  check_equal(poller->asked, {0, 6});
  advance(9900ms);
  check_equal(poller->asked, {0, 6});
  advance(200ms);
  check_equal(poller->asked, {0, 6, 6});
  BOOST_CHECK_EQUAL(pages.size(), 2);
  advance(10s);
  BOOST_REQUIRE_EQUAL(pages.size(), 3);
  BOOST_CHECK_EQUAL(pages[2]->documents.size(), 1);
}

BOOST_AUTO_TEST_CASE(tells_the_end_of_the_history_once) {
  poller->answers = {a_page(3, 5), a_page(0, 5), a_page(0, 5), a_page(1, 6)};
  start();
  ask();
  BOOST_CHECK(!pages[0]->history_end);
  ask();
  BOOST_CHECK(pages[1]->history_end);
  ask();
  advance(1min);
  BOOST_REQUIRE_EQUAL(pages.size(), 3);
  BOOST_CHECK(!pages[2]->history_end);
}

BOOST_AUTO_TEST_CASE(an_explorer_without_reservations_has_no_history) {
  poller->answers = {a_page(0, 0)};
  start();
  ask();
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  BOOST_CHECK(pages[0]->history_end);
  BOOST_CHECK_EQUAL(*pages[0]->cursor, 1);
}

BOOST_AUTO_TEST_CASE(backs_off_after_failures_and_asks_for_the_same_ids) {
  options.from = 7;
  options.settings.retry_delay = 1s;
  options.settings.retry_delay_max = 4s;
  poller->answers = {a_failure(), a_failure(), a_failure(),
                     a_failure(), a_failure(), a_page(1, 9)};
  start();
  ask();
  std::vector<int> at;
  std::size_t seen = poller->asked.size();
  for (int tenths = 0; tenths < 300 && pages.empty(); ++tenths) {
    advance(100ms);
    if (poller->asked.size() > seen)
      at.push_back(tenths + 1);
    seen = poller->asked.size();
  }
  // 1 s, 1.5 s, 2.25 s, 3.375 s, then the longest.
  std::vector<int> expected_at{10, 25, 48, 82, 122};
  BOOST_CHECK_EQUAL_COLLECTIONS(at.begin(), at.end(), expected_at.begin(),
                                expected_at.end());
  check_equal(poller->asked, {7, 7, 7, 7, 7, 7});
  BOOST_CHECK(pages.at(0).has_value());
}

BOOST_AUTO_TEST_CASE(forgets_earlier_failures_after_a_success) {
  options.settings.retry_delay = 1s;
  poller->answers
    = {a_failure(), a_failure(), a_page(1, 1), a_failure(), a_page(1, 2)};
  start();
  ask();
  advance(3s);
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  ask();
  advance(1100ms);
  BOOST_CHECK_EQUAL(pages.size(), 2);
}

BOOST_AUTO_TEST_CASE(hands_over_the_last_page_at_the_end_of_the_stream) {
  poller->answers = {a_page(1, 3)};
  poller->answers.front().second = err_poll_eos;
  start();
  ask();
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  BOOST_CHECK(pages[0]->end_of_stream);
  BOOST_CHECK_EQUAL(pages[0]->documents.size(), 1);
  advance(1min);
  check_equal(poller->asked, {0});
}

BOOST_AUTO_TEST_CASE(asks_for_the_whole_history_again_on_demand) {
  poller->answers = {a_page(1, 5), a_page(0, 5)};
  start();
  ask();
  ask();
  ask();
  check_equal(poller->asked, {0, 6});
  // Also in the middle of a pause.
  caf::anon_send(source, reconcile_source{});
  run();
  check_equal(poller->asked, {0, 6, 0});
}

BOOST_AUTO_TEST_CASE(looks_again_only_when_there_is_nothing_new) {
  options.settings.poll_interval = 10s;
  poller->answers = {a_page(1, 5), a_page(1, 8), a_page(0, 8),
                     a_page(1, 8), a_page(0, 8), a_page(0, 8)};
  start();
  ask();
  caf::anon_send(source, reconcile_source{4, true});
  caf::anon_send(source, reconcile_source{3, true});
  caf::anon_send(source, reconcile_source{7, true});
  for (int i = 0; i < 4; ++i)
    ask();
  check_equal(poller->asked, {0, 6, 9});
  advance(10100ms);
  check_equal(poller->asked, {0, 6, 9, 3});
  ask();
  // Once is enough.
  check_equal(poller->asked, {0, 6, 9, 3, 9});
  advance(10100ms);
  check_equal(poller->asked, {0, 6, 9, 3, 9, 9});
}

BOOST_AUTO_TEST_CASE(looks_again_until_the_explorer_has_answered) {
  options.settings.poll_interval = 10s;
  options.settings.retry_delay = 1s;
  poller->answers = {a_page(0, 5), a_failure(), a_page(1, 5)};
  start();
  ask();
  caf::anon_send(source, reconcile_source{2, true});
  ask();
  advance(13s);
  check_equal(poller->asked, {0, 2, 2});
}

BOOST_AUTO_TEST_CASE(asks_for_the_whole_history_again_at_the_interval) {
  options.settings.reconcile_interval = 60s;
  options.settings.poll_interval = 10min;
  poller->answers = {a_page(1, 5), a_page(0, 5)};
  start();
  ask();
  ask();
  ask();
  advance(125s, 1s);
  check_equal(poller->asked, {0, 6, 0, 0});
}

BOOST_AUTO_TEST_CASE(reconciles_also_if_asked_to_while_a_poll_is_under_way) {
  options.from = 50;
  start();
  ask();
  caf::anon_send(source, reconcile_source{});
  run();
  auto answer = std::move(poller->waiting);
  answer(a_page(1, 60).first, {});
  run();
  poller->answers = {a_page(1, 60)};
  ask();
  check_equal(poller->asked, {50, 0});
}

BOOST_AUTO_TEST_CASE(reconciling_on_demand_leaves_the_interval_alone) {
  options.settings.reconcile_interval = 60s;
  options.settings.poll_interval = 10min;
  poller->answers = {a_page(1, 5), a_page(0, 5)};
  start();
  ask();
  ask();
  ask();
  for (int i = 0; i < 5; ++i) {
    caf::anon_send(source, reconcile_source{});
    advance(5s, 1s);
  }
  auto before = poller->asked.size();
  // Five orders in a row must not leave five timers behind.
  advance(120s, 1s);
  BOOST_CHECK_EQUAL(poller->asked.size() - before, 2);
}

BOOST_AUTO_TEST_CASE(counts_its_polls_and_knows_when_one_went_well) {
  auto counted = std::make_shared<poll_numbers>();
  options.numbers = counted;
  options.clock = clock;
  start();
  ask();
  advance(2s);
  BOOST_CHECK_EQUAL(counted->polls, 0U);
  auto good = a_page(3, 5);
  poller->waiting(std::move(good.first), {});
  run();
  BOOST_CHECK_EQUAL(counted->polls, 1U);
  BOOST_CHECK_EQUAL(counted->documents, 3U);
  BOOST_CHECK_EQUAL(counted->waited, 2'000'000'000);
  BOOST_CHECK_EQUAL(counted->last_success, clock->now().seconds);
  BOOST_CHECK(counted->is_answered);
  auto then = counted->last_success.load();
  poller->answers = {a_failure()};
  ask();
  advance(5s);
  BOOST_CHECK_GE(counted->failures, 1U);
  BOOST_CHECK_EQUAL(counted->polls, counted->failures + 1);
  BOOST_CHECK_EQUAL(counted->last_success, then);
  BOOST_CHECK(!counted->is_answered);
}

BOOST_AUTO_TEST_SUITE_END()
