#include "actors/workers/frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "actors/workers/worker_messages.hpp"
#include "tests/support/deterministic.hpp"

using namespace provision;
using namespace provision::testing;

namespace frames_test {
namespace {

struct fixture : deterministic {
  /// Head and body of the only frame in a stream.
  static std::vector<char> head_of(const std::vector<char>& stream) {
    return {stream.begin(), stream.begin() + frames::head_size};
  }
  static std::vector<char> body_of(const std::vector<char>& stream) {
    return {stream.begin() + frames::head_size, stream.end()};
  }
};

} // namespace
} // namespace frames_test

BOOST_FIXTURE_TEST_SUITE(frames_test, fixture)

BOOST_AUTO_TEST_CASE(a_message_arrives_as_it_was_sent) {
  std::vector<char> stream;
  BOOST_REQUIRE(!frames::append(
    system, stream,
    worker_answer{.number = 1ULL << 40U,
                  .data = "{\"a\":1}",
                  .objects = {{"7-1", "", {"8-1"}}},
                  .failed = error{errc::disk_full, "pool is full", -5}}));
  auto body = body_of(stream);
  BOOST_TEST(frames::body_size(head_of(stream)).value() == body.size());
  auto read = frames::read<worker_answer>(system, body);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->number == 1ULL << 40U);
  BOOST_TEST(read->data == "{\"a\":1}");
  BOOST_REQUIRE(read->objects.size() == 1u);
  BOOST_TEST(read->objects[0].volumes.at(0) == "8-1");
  BOOST_TEST((read->failed.read().code == errc::disk_full));
  BOOST_TEST(read->failed.read().detail == -5);
  BOOST_TEST(read->failed.read().message == "pool is full");
}

BOOST_AUTO_TEST_CASE(no_part_of_a_message_passes_for_the_whole) {
  std::vector<char> stream;
  BOOST_REQUIRE(!frames::append(system, stream,
                                worker_order{.number = 7,
                                             .call = worker_call::provision,
                                             .what = std::string(300, 'r')}));
  auto whole = body_of(stream);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<char> part{whole.begin(),
                           whole.begin() + static_cast<std::ptrdiff_t>(size)};
    BOOST_TEST(!frames::read<worker_order>(system, part));
  }
  whole.push_back('x');
  BOOST_TEST(!frames::read<worker_order>(system, whole));
}

BOOST_AUTO_TEST_CASE(one_kind_of_message_never_passes_for_another) {
  std::vector<char> stream;
  BOOST_REQUIRE(!frames::append(
    system, stream, worker_question{.number = 7, .text = "sealed"}));
  const auto body = body_of(stream);
  BOOST_TEST(frames::is<worker_question>(body));
  BOOST_TEST(!frames::is<worker_answer>(body));
  BOOST_TEST(!frames::read<worker_reply>(system, body));
}

BOOST_AUTO_TEST_CASE(refuses_sizes_that_no_message_has) {
  BOOST_TEST(!frames::body_size({0, 0, 0, 0}));
  BOOST_TEST(!frames::body_size({'H', 'T', 'T', 'P'}));
  BOOST_TEST(!frames::body_size({0, 0, 1}));
  BOOST_TEST(frames::body_size({0, 0, 1, 2}).value() == 258u);
}

BOOST_AUTO_TEST_CASE(a_message_that_is_too_large_leaves_the_stream_as_it_was) {
  std::vector<char> stream{'x'};
  auto failure = frames::append(
    system, stream,
    worker_hello{.type = std::string(frames::body_bytes_max, 't')});
  BOOST_TEST((failure.code == errc::input_too_large));
  BOOST_TEST(stream.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
