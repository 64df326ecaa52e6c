#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "identity/digest.hpp"
#include "identity/node_key.hpp"
#include "persistence/journal_check.hpp"
#include "persistence/journal_examination.hpp"
#include "persistence/leveldb/fsck.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "persistence/row_codec.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/persistence/raw_leveldb.hpp"

using namespace provision;
using namespace provision::test;

namespace journal_chain_test {
namespace {

std::string line_key(std::uint64_t number) {
  return keys::numbered(keys::kind::journal, number);
}

/// A store with a journal, and somebody who tampers with it.
struct archive {
  std::unique_ptr<reservation_store> open() {
    auto store
      = open_leveldb_store(folder, key.node_id(), from_unix(1),
                           {.journal_rows_max = rows_max,
                            .journal_age_max = age_max,
                            .signs = std::make_shared<ed25519_signer>(key)});
    BOOST_REQUIRE_MESSAGE(store, store.error().message);
    return std::move(*store);
  }

  /// Batches of one, two, one, two, ... lines.
  void fill(int lines, int from = 1) {
    auto store = open();
    for (int n = 0; n < lines;) {
      transition_batch batch;
      for (int more = 1 + n % 2; more > 0 && n < lines; --more, ++n)
        batch.journal.push_back({.at = from_unix(from + n),
                                 .id = "100-" + std::to_string(from + n),
                                 .event = "accepted"});
      BOOST_REQUIRE(!store->apply(batch, durability::machine));
    }
  }

  /// Every problem, "line: what", separated by "; ".
  std::string verdict(std::optional<known_line> known = {}) {
    const auto journal = examine_journal(folder, std::move(known));
    BOOST_REQUIRE_MESSAGE(journal, journal.error().message);
    const auto& made = journal->verdict;
    seen = made.lines;
    unchained = made.unchained;
    std::string text;
    for (const auto& one : made.problems)
      text += (text.empty() ? "" : "; ") + std::to_string(one.line) + ": "
              + one.what;
    return text;
  }

  /// Writes a line anew, with a checksum that fits.
  void rewrite(std::uint64_t number, void (*change)(journal_entry&)) {
    raw_leveldb rows{folder};
    auto entry = decode_journal_entry(rows.get(line_key(number))).value();
    change(entry);
    rows.put(line_key(number), encode_journal_entry(entry));
  }

  temporary_folder parent;
  std::string folder = parent.file("store");
  node_key key = node_key::from_seed(secret{std::string(32, 'k')}).value();
  std::uint64_t rows_max = 1000;
  std::chrono::seconds age_max{0};
  std::uint64_t seen = 0;
  std::uint64_t unchained = 0;
};

} // namespace
} // namespace journal_chain_test

BOOST_FIXTURE_TEST_SUITE(journal_chain_test, archive)

BOOST_AUTO_TEST_CASE(a_journal_nobody_touched_is_sound_across_restarts) {
  fill(5);
  BOOST_CHECK_EQUAL(verdict(), "");
  fill(6, 6);
  BOOST_CHECK_EQUAL(verdict(), "");
  BOOST_CHECK_EQUAL(seen, 11U);
  BOOST_CHECK_EQUAL(unchained, 0U);
}

BOOST_AUTO_TEST_CASE(a_new_journal_without_a_line_is_sound) {
  for (int start = 0; start < 2; ++start) {
    const auto store = open();
    const auto seal = store->seal();
    BOOST_REQUIRE(seal);
    BOOST_CHECK(!seal->signature.empty());
  }
  BOOST_CHECK_EQUAL(verdict(), "");
  BOOST_CHECK_EQUAL(seen, 0U);
}

BOOST_AUTO_TEST_CASE(a_journal_that_was_removed_is_not_taken_for_a_new_one) {
  fill(2);
  {
    raw_leveldb rows{folder};
    rows.remove(std::string{keys::journal_seal});
    for (std::uint64_t number : {1U, 2U})
      rows.remove(line_key(number));
  }
  const auto store = open();
  BOOST_REQUIRE(store->seal());
  BOOST_CHECK_EQUAL(store->seal()->signature, "");
}

BOOST_AUTO_TEST_CASE(an_edited_line_is_named_wherever_it_is) {
  for (std::uint64_t number : {1U, 4U, 7U}) {
    archive one;
    one.fill(7);
    one.rewrite(number, [](journal_entry& entry) { entry.text = "?"; });
    BOOST_CHECK_MESSAGE(
      one.verdict().starts_with(std::to_string(number) + ": was changed"),
      one.verdict());
  }
}

BOOST_AUTO_TEST_CASE(an_edited_line_that_keeps_its_old_checksum_is_named) {
  fill(4);
  raw_leveldb{folder}.damage(line_key(2));
  BOOST_CHECK_EQUAL(verdict(), "2: journal row: checksum does not match");
}

BOOST_AUTO_TEST_CASE(removed_lines_are_named) {
  fill(9);
  {
    raw_leveldb rows{folder};
    rows.remove(line_key(3));
    rows.remove(line_key(6));
    rows.remove(line_key(7));
  }
  BOOST_CHECK_EQUAL(verdict(),
                    "3: is missing; 6: is missing, and all up to line 7");
}

BOOST_AUTO_TEST_CASE(lines_that_changed_places_are_named) {
  fill(5);
  {
    raw_leveldb rows{folder};
    const auto second = rows.get(line_key(2));
    rows.put(line_key(2), rows.get(line_key(4)));
    rows.put(line_key(4), second);
  }
  BOOST_CHECK_EQUAL(verdict(),
                    "2: holds what was line 4; 4: holds what was line 2");
}

BOOST_AUTO_TEST_CASE(lines_that_changed_places_and_numbers_are_named) {
  fill(5);
  {
    raw_leveldb rows{folder};
    auto second = decode_journal_entry(rows.get(line_key(2))).value();
    auto fourth = decode_journal_entry(rows.get(line_key(4))).value();
    std::swap(second.sequence, fourth.sequence);
    rows.put(line_key(4), encode_journal_entry(second));
    rows.put(line_key(2), encode_journal_entry(fourth));
  }
  const auto found = verdict();
  BOOST_CHECK_MESSAGE(found.find("2: was changed") != std::string::npos, found);
  BOOST_CHECK_MESSAGE(found.find("4: was changed") != std::string::npos, found);
}

BOOST_AUTO_TEST_CASE(a_tail_that_was_cut_off_is_noticed) {
  fill(6);
  {
    raw_leveldb rows{folder};
    rows.remove(line_key(5));
    rows.remove(line_key(6));
  }
  BOOST_CHECK_EQUAL(verdict(), "5: is missing, and all up to line 6");
}

BOOST_AUTO_TEST_CASE(a_front_that_was_cut_off_is_noticed) {
  fill(6);
  raw_leveldb{folder}.remove(line_key(1));
  BOOST_CHECK_EQUAL(verdict(), "1: is missing");
}

BOOST_AUTO_TEST_CASE(a_tail_with_a_seal_of_the_thiefs_own_is_noticed) {
  fill(6);
  {
    raw_leveldb rows{folder};
    auto seal
      = decode_journal_seal(rows.get(std::string{keys::journal_seal})).value();
    rows.remove(line_key(6));
    seal.last = 5;
    seal.last_hash = digest(rows.get(line_key(5)));
    const auto thief
      = node_key::from_seed(secret{std::string(32, 't')}).value();
    seal.signature = thief.sign(message_of(seal));
    rows.put(std::string{keys::journal_seal}, encode_journal_seal(seal));
  }
  BOOST_CHECK_EQUAL(verdict(), "0: the seal's signature does not match");
}

BOOST_AUTO_TEST_CASE(a_seal_that_is_gone_is_noticed) {
  fill(3);
  raw_leveldb{folder}.remove(std::string{keys::journal_seal});
  BOOST_CHECK(verdict().starts_with("0: the seal is missing"));
}

BOOST_AUTO_TEST_CASE(added_lines_are_named) {
  fill(3);
  {
    raw_leveldb rows{folder};
    journal_entry added{
      .sequence = 4, .event = "gone", .before = digest(rows.get(line_key(3)))};
    rows.put(line_key(4), encode_journal_entry(added));
    added.before.clear();
    added.sequence = 2;
    rows.put(line_key(2), encode_journal_entry(added));
  }
  BOOST_CHECK_EQUAL(verdict(), "2: carries no hash of the line before it; "
                               "2: was changed: line 3 follows another one; "
                               "4: was put behind the newest line");
}

BOOST_AUTO_TEST_CASE(a_node_that_goes_on_does_not_cover_the_traces) {
  fill(6);
  {
    raw_leveldb rows{folder};
    rows.remove(line_key(6));
  }
  fill(3, 7);
  BOOST_CHECK_EQUAL(verdict(),
                    "6: is missing; 7: the node noted at its start: the newest "
                    "line is 5, and the seal names line 6");
  archive edited;
  edited.fill(4);
  edited.rewrite(4, [](journal_entry& entry) { entry.id = "666-1"; });
  edited.fill(3, 5);
  BOOST_CHECK_EQUAL(edited.verdict(),
                    "4: was changed: line 5 follows another one; 5: the node "
                    "noted at its start: line 4 is not the one that the seal "
                    "names");
  archive unsealed;
  unsealed.fill(4);
  raw_leveldb{unsealed.folder}.remove(std::string{keys::journal_seal});
  unsealed.fill(3, 5);
  BOOST_CHECK_EQUAL(unsealed.verdict(),
                    "5: the node noted at its start: the seal is missing");
}

BOOST_AUTO_TEST_CASE(what_remains_after_trimming_can_be_verified) {
  rows_max = 10;
  fill(25);
  BOOST_CHECK_EQUAL(verdict(), "");
  BOOST_CHECK_EQUAL(seen, 10U);
  const auto seal = *open()->seal();
  BOOST_CHECK_EQUAL(seal.first, 16U);
  BOOST_CHECK_EQUAL(seal.last, 25U);
  rewrite(16, [](journal_entry& entry) { entry.before[0] ^= 1; });
  BOOST_CHECK(
    verdict().starts_with("16: does not follow what was cut off before it"));
}

BOOST_AUTO_TEST_CASE(lines_that_are_too_old_are_cut_off) {
  age_max = std::chrono::seconds{100};
  fill(5);
  fill(1, 103);
  BOOST_CHECK_EQUAL(verdict(), "");
  // Of the seconds 1 to 5 and 103.
  BOOST_CHECK_EQUAL(open()->seal()->first, 3U);
  fill(1, 500);
  BOOST_CHECK_EQUAL(verdict(), "");
  BOOST_CHECK_EQUAL(seen, 1U);
}

BOOST_AUTO_TEST_CASE(a_store_of_an_older_program_begins_its_chain) {
  fill(1);
  {
    raw_leveldb rows{folder};
    rows.remove(std::string{keys::journal_seal});
    for (std::uint64_t number = 1; number <= 4; ++number)
      rows.put(line_key(number),
               encode_journal_entry({.sequence = number, .event = "accepted"}));
  }
  const auto lines = open()->journal(0, 10).value();
  BOOST_REQUIRE_EQUAL(lines.size(), 5U);
  BOOST_CHECK_EQUAL(lines.back().event, "journal_chained");
  fill(3, 10);
  BOOST_CHECK_EQUAL(verdict(), "");
  BOOST_CHECK_EQUAL(seen, 8U);
  BOOST_CHECK_EQUAL(unchained, 4U);
  rewrite(5, [](journal_entry& entry) { entry.text = "?"; });
  BOOST_CHECK_EQUAL(verdict(), "5: was changed: line 6 follows another one");
  // The chain's beginning moves with the journal's.
  archive small;
  small.rows_max = 3;
  small.fill(2);
  BOOST_CHECK_EQUAL(small.verdict(), "");
}

BOOST_AUTO_TEST_CASE(a_line_that_is_known_tells_of_a_journal_put_back) {
  fill(4);
  const auto then = *open()->seal();
  fill(3, 5);
  BOOST_CHECK_EQUAL(verdict(known_line{then.last, then.last_hash}), "");
  BOOST_CHECK_EQUAL(verdict(known_line{3, then.last_hash}),
                    "3: is another one than the one that is known");
  BOOST_CHECK_EQUAL(verdict(known_line{8, then.last_hash}),
                    "8: is known, and it is not there");
}

BOOST_AUTO_TEST_CASE(fsck_knows_the_seal) {
  fill(4);
  BOOST_CHECK(fsck(folder, false, from_unix(9)).value().clean());
  raw_leveldb{folder}.damage(std::string{keys::journal_seal});
  const auto report = fsck(folder, true, from_unix(9)).value();
  BOOST_REQUIRE_EQUAL(report.problems.size(), 1U);
  BOOST_CHECK_EQUAL(report.problems.front().row, "m/journal");
  BOOST_CHECK(report.clean());
  fill(1, 5);
  BOOST_CHECK_EQUAL(verdict(),
                    "5: the node noted at its start: the seal is missing");
}

BOOST_AUTO_TEST_CASE(kill_nine_leaves_a_chain_that_can_be_verified) {
  for (int round = 1; round <= 10; ++round) {
    std::array<int, 2> ends{};
    BOOST_REQUIRE_EQUAL(::pipe(ends.data()), 0);
    const auto child = ::fork();
    if (child == 0) {
      auto store = open();
      for (std::uint64_t n = 0;; ++n) {
        transition_batch batch;
        for (std::uint64_t more = 0; more <= n % 3; ++more)
          batch.journal.push_back({.event = "accepted"});
        if (store->apply(batch,
                         n % 2 ? durability::machine : durability::process)
            || ::write(ends[1], "x", 1) != 1)
          ::_exit(1);
      }
    }
    ::close(ends[1]);
    char byte = 0;
    for (int n = 0; n < 5 + 3 * round; ++n)
      BOOST_REQUIRE_EQUAL(::read(ends[0], &byte, 1), 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    BOOST_REQUIRE_EQUAL(verdict(), "");
    BOOST_CHECK_GT(seen, 5U);
  }
}

BOOST_AUTO_TEST_SUITE_END()
