#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <cstdint>

#include <sys/wait.h>
#include <unistd.h>

#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "tests/persistence/builders.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(store_crash_test)

namespace {

constexpr int batch_size = 8;

std::string nth_id(std::uint64_t number) {
  return std::to_string(number) + "-1";
}

/// Puts records in synced batches and writes each batch's first number to
/// `acknowledged` once apply has returned. Ends by being killed.
[[noreturn]] void put_for_ever(const std::string& folder, int acknowledged) {
  auto store = open_leveldb_store(folder, "node-1", from_unix(1));
  if (!store)
    ::_exit(1);
  auto number = (*store)->recovery().next_sequence;
  for (;;) {
    transition_batch batch;
    for (int n = 0; n < batch_size; ++n) {
      auto what = a_provisioned(nth_id(number + n), number + n,
                                from_unix(static_cast<std::int64_t>(number)));
      batch.puts.push_back(put_new(std::move(what)));
      batch.outbox.push_back({.id = nth_id(number + n), .body = "{}"});
    }
    batch.cursors = {{"explorer", number + batch_size}};
    if ((*store)->apply(batch, durability::machine))
      ::_exit(2);
    if (::write(acknowledged, &number, sizeof number) != sizeof number)
      ::_exit(3);
    number += batch_size;
  }
}

/// The first number of the last batch that was acknowledged.
std::uint64_t run_and_kill(const std::string& folder, int acknowledgements) {
  std::array<int, 2> ends{};
  BOOST_REQUIRE_EQUAL(::pipe(ends.data()), 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    put_for_ever(folder, ends[1]);
  }
  ::close(ends[1]);
  std::uint64_t last = 0;
  std::uint64_t number = 0;
  for (int n = 0; n < acknowledgements; ++n)
    if (::read(ends[0], &number, sizeof number) == sizeof number)
      last = number;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  while (::read(ends[0], &number, sizeof number) == sizeof number)
    last = number;
  ::close(ends[0]);
  return last;
}

} // namespace

BOOST_AUTO_TEST_CASE(kill_nine_loses_nothing_that_was_acknowledged) {
  temporary_folder parent;
  const auto folder = parent.file("store");
  for (int round = 1; round <= 10; ++round) {
    const auto last = run_and_kill(folder, 5 + 3 * round);
    BOOST_REQUIRE_GT(last, 0U);
    const auto store
      = open_leveldb_store(folder, "node-1", from_unix(1)).value();
    BOOST_CHECK(store->recovery().salvaged.empty());
    // Whole batches only, and all that were acknowledged.
    const auto live = store->recovery().live_records;
    BOOST_CHECK_EQUAL(live % batch_size, 0U);
    BOOST_CHECK_GE(live, last + batch_size - 1);
    BOOST_CHECK_EQUAL(store->cursor("explorer").value(), live + 1);
    BOOST_CHECK_EQUAL(store->statistics().value().outbox_rows, live);
    for (std::uint64_t number = 1; number < last + batch_size; ++number)
      BOOST_REQUIRE(store->find(nth_id(number)).value());
    BOOST_CHECK_EQUAL(store->expired(end_of_time, 1U << 20U).value().size(),
                      live);
  }
}

BOOST_AUTO_TEST_SUITE_END()
