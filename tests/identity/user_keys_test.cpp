#include "identity/user_keys.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace provision;
using namespace std::chrono_literals;

namespace user_keys_test {
namespace {

using callback = std::function<void(expected<std::string>)>;

class manual_clock final : public wall_clock {
public:
  timestamp now() const override { return from_unix(seconds); }

  std::atomic<std::int64_t> seconds{1614250050};
};

/// Keeps what it is asked until it is told to answer.
class patient_directory final : public key_directory {
public:
  void find_user_key(std::int64_t tid, callback done) override {
    asked.push_back(tid);
    waiting.push_back(std::move(done));
  }

  /// Answers everything that waits.
  void answer(const expected<std::string>& what) {
    for (auto& done : std::exchange(waiting, {}))
      done(what);
  }

  std::vector<std::int64_t> asked;
  std::vector<callback> waiting;
};

/// Answers at once from whatever thread asks.
class prompt_directory final : public key_directory {
public:
  void find_user_key(std::int64_t tid, callback done) override {
    ++asked;
    done("key of " + std::to_string(tid));
  }

  std::atomic<int> asked{0};
};

struct fixture {
  std::shared_ptr<patient_directory> origin
    = std::make_shared<patient_directory>();
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>();
  user_keys keys{
    origin, clock, {.capacity = 2, .lifetime = 60s, .lifetime_unknown = 5s}};
  /// What look-ups yielded: keys, or names of errors.
  std::vector<std::string> answers;

  void find(std::int64_t tid) {
    keys.find_user_key(tid, [this](const expected<std::string>& answer) {
      answers.push_back(answer ? *answer
                               : std::string{to_string(answer.error().code)});
    });
  }

  /// find(), and the origin's answer if it is asked.
  void find(std::int64_t tid, const expected<std::string>& what) {
    find(tid);
    origin->answer(what);
  }
};

using strings = std::vector<std::string>;
using numbers = std::vector<std::int64_t>;

const expected<std::string> unknown = fail(errc::unknown_user, "no such user");
const expected<std::string> offline
  = fail(errc::explorer_unreachable, "connection refused");

} // namespace
} // namespace user_keys_test

BOOST_FIXTURE_TEST_SUITE(user_keys_test, fixture)

BOOST_AUTO_TEST_CASE(asks_once_and_remembers) {
  find(7, "key");
  find(7);
  find(7);
  BOOST_CHECK(answers == (strings{"key", "key", "key"}));
  BOOST_CHECK(origin->asked == numbers{7});
}

BOOST_AUTO_TEST_CASE(has_at_hand_what_it_believes) {
  BOOST_CHECK(!keys.key_at_hand(7));
  find(7, "key");
  find(8, unknown);
  BOOST_CHECK(keys.key_at_hand(7) == "key");
  BOOST_CHECK(!keys.key_at_hand(8));
  clock->seconds += 60;
  BOOST_CHECK(!keys.key_at_hand(7));
  BOOST_CHECK_EQUAL(origin->asked.size(), 2u);
}

BOOST_AUTO_TEST_CASE(asks_again_once_the_key_is_old) {
  find(7, "old");
  clock->seconds += 59;
  find(7);
  clock->seconds += 1;
  find(7, "new");
  find(7);
  BOOST_CHECK(answers == (strings{"old", "old", "new", "new"}));
  BOOST_CHECK_EQUAL(origin->asked.size(), 2u);
}

BOOST_AUTO_TEST_CASE(asks_again_if_the_clock_was_set_back) {
  find(7, "old");
  clock->seconds -= 3600;
  find(7, "new");
  BOOST_CHECK(answers == (strings{"old", "new"}));
}

BOOST_AUTO_TEST_CASE(knows_without_asking_that_numbers_start_at_one) {
  find(0);
  find(-1);
  find(std::numeric_limits<std::int64_t>::min());
  BOOST_CHECK(answers == strings(3, "unknown_user"));
  BOOST_CHECK(origin->asked.empty());
}

BOOST_AUTO_TEST_CASE(remembers_only_shortly_that_a_user_is_unknown) {
  find(7, unknown);
  clock->seconds += 4;
  find(7);
  clock->seconds += 1;
  find(7, "key");
  BOOST_CHECK(answers == (strings{"unknown_user", "unknown_user", "key"}));
}

BOOST_AUTO_TEST_CASE(does_not_remember_other_failures) {
  find(7, offline);
  find(7, "key");
  BOOST_CHECK(answers == (strings{"explorer_unreachable", "key"}));
}

BOOST_AUTO_TEST_CASE(forgets_the_user_not_asked_for_longest) {
  find(1, "one");
  find(2, "two");
  find(1);
  find(3, "three");
  BOOST_CHECK(origin->asked == (numbers{1, 2, 3}));
  find(1);
  BOOST_CHECK(origin->asked == (numbers{1, 2, 3}));
  find(2, "two again");
  BOOST_CHECK(origin->asked == (numbers{1, 2, 3, 2}));
  BOOST_CHECK_EQUAL(answers.back(), "two again");
}

BOOST_AUTO_TEST_CASE(merges_look_ups_of_one_user_that_overlap) {
  find(7);
  find(8);
  find(7);
  find(7);
  BOOST_CHECK(origin->asked == (numbers{7, 8}));
  BOOST_CHECK(answers.empty());
  origin->answer("key");
  BOOST_CHECK(answers == strings(4, "key"));
}

BOOST_AUTO_TEST_CASE(hands_a_failure_to_everybody_who_waits) {
  find(7);
  find(7);
  origin->answer(offline);
  BOOST_CHECK(answers == strings(2, "explorer_unreachable"));
  find(7);
  BOOST_CHECK(origin->asked == (numbers{7, 7}));
}

BOOST_AUTO_TEST_CASE(may_be_asked_from_within_an_answer) {
  keys.find_user_key(7, [this](const expected<std::string>&) { find(7); });
  origin->answer("key");
  BOOST_CHECK(answers == strings{"key"});
}

BOOST_AUTO_TEST_CASE(answers_even_after_its_end) {
  auto short_lived
    = std::make_unique<user_keys>(origin, clock, user_keys::settings{});
  std::string answer;
  short_lived->find_user_key(7, [&answer](const expected<std::string>& key) {
    answer = key.value_or("");
  });
  short_lived.reset();
  origin->answer("key");
  BOOST_CHECK_EQUAL(answer, "key");
}

BOOST_AUTO_TEST_CASE(works_without_room_to_remember) {
  user_keys forgetful{origin, clock, {.capacity = 0}};
  for (int i = 0; i < 2; ++i) {
    forgetful.find_user_key(7, [this](const expected<std::string>& key) {
      answers.push_back(key.value_or(""));
    });
    origin->answer("key");
  }
  BOOST_CHECK(answers == (strings{"key", "key"}));
  BOOST_CHECK_EQUAL(origin->asked.size(), 2u);
}

BOOST_AUTO_TEST_CASE(answers_every_thread_with_the_right_key) {
  auto prompt = std::make_shared<prompt_directory>();
  user_keys shared{prompt, clock, {.capacity = 8, .lifetime = 60s}};
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&shared, &right] {
      for (std::int64_t i = 0; i < 2000; ++i) {
        auto tid = i % 16 + 1;
        shared.find_user_key(
          tid, [tid, &right](const expected<std::string>& key) {
            right += key == "key of " + std::to_string(tid) ? 1 : 0;
          });
      }
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_CHECK_EQUAL(right.load(), 8000);
}

BOOST_AUTO_TEST_SUITE_END()
