#include "actors/intake.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "actors/cache.hpp"
#include "actors/decoder.hpp"
#include "identity/document_signature.hpp"
#include "messages/json/json.hpp"
#include "tests/actors/asking.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;
using policy = config::signature_policy;

namespace intake_test {
namespace {

const std::string node_id = "FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85";

/// A phonebook that knows the key of the vectors as user 7's.
class moody_directory final : public key_directory {
public:
  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done) override {
    asked.push_back(tid);
    if (failure)
      return done(fail(failure));
    if (tid != 7)
      return done(fail(errc::unknown_user, "nobody"));
    done(a_node_key().public_key());
  }

  std::optional<std::string> key_at_hand(std::int64_t tid) override {
    return remembers && tid == 7 ? std::optional{a_node_key().public_key()}
                                 : std::nullopt;
  }

  std::vector<std::int64_t> asked = {};
  error failure = {};
  bool remembers = false;
};

/// A volume document of `tid`, signed by user 7.
std::string a_document(std::int64_t id, std::int64_t tid = 7) {
  std::ifstream in{"tests/golden/documents/volume.json"};
  auto w
    = *json::read_document(std::string{std::istreambuf_iterator<char>{in}, {}});
  w.id = id;
  w.customer_tid = tid;
  w.customer_signature = customer_signature(w, a_node_key());
  return json::write(w);
}

std::string forged(std::string document) {
  auto w = *json::read_document(document);
  w.pool_id += 1;
  return json::write(w);
}

std::string to_go(std::string document) {
  auto w = *json::read_document(document);
  w.next_action = documents::next_action::remove;
  return json::write(w);
}

/// Takes questions and answers none, or fails at once.
decoder_actor::behavior_type broken_decoder(decoder_actor::pointer) {
  return {[](decode_documents&) -> caf::result<decoded_documents> {
            return to_caf({errc::provisioner_crashed, "out of memory"});
          },
          [](glance_at_documents&) -> caf::result<document_glances> {
            return to_caf({errc::provisioner_crashed, "out of memory"});
          },
          [](verify_documents&) -> caf::result<verdicts> {
            return to_caf({errc::provisioner_crashed, "out of memory"});
          }};
}

struct fixture : deterministic {
  void start(std::size_t decoder_count = 3) {
    auto memory = std::make_shared<std::unique_ptr<reservation_cache>>(
      std::make_unique<reservation_cache>(
        std::make_unique<memory_reservation_store>(), clock));
    cache = spawn(cache_behavior, memory);
    script = spawn(scripted_source);
    for (std::size_t i = 0; i < decoder_count; ++i)
      decoders.push_back(spawn(decoder_behavior));
    intake = spawn(intake_behavior,
                   intake_peers{.source = script,
                                .cache = cache,
                                .decoders = decoders,
                                .keys = keys,
                                .decoder_at_hand = at_hand},
                   node_id);
    run();
  }

  /// Few documents are decoded and verified without another thread, and all
  /// keys are known.
  void start_at_hand() {
    keys->remembers = true;
    at_hand = spawn(decoder_behavior);
    start();
  }

  void give(const std::vector<std::string>& documents, policy signatures,
            std::optional<std::uint64_t> cursor = {}) {
    source_page page{.source = "test", .cursor = cursor};
    page.signatures = signatures;
    for (auto& text : documents)
      page.documents.push_back(own_text(text, text_form::document));
    give(std::move(page));
  }

  void give(source_page page) {
    caf::anon_send(script, give_page{std::move(page)});
    ask_later(*this, intake, next_page{}, pages);
  }

  /// These are on their way already.
  void know(const std::vector<std::int64_t>& ids) {
    accept_page page{.source = "test"};
    for (auto id : ids)
      page.entries.push_back(
        decode(own_text(a_document(id), text_form::document), node_id).entry);
    BOOST_REQUIRE(ask<accepted_page>(cache, std::move(page)));
  }

  /// "102-1 " per entry, with the refusal's name if there is one.
  std::string entries(std::size_t page = 0) {
    std::string text;
    for (auto& entry : pages.at(page)->entries) {
      text += entry.what ? entry.what->id : "?" + entry.id;
      if (entry.refusal)
        text += ":" + std::string{to_string(entry.refusal.code)};
      text += " ";
    }
    return text;
  }

  std::shared_ptr<moody_directory> keys = std::make_shared<moody_directory>();
  cache_actor cache;
  scripted_source_actor script;
  std::vector<decoder_actor> decoders;
  decoder_actor at_hand;
  intake_actor intake;
  std::vector<expected<intake_page>> pages;
};

/// A page of all types in a random order.
source_page a_mixed_page(std::uint32_t seed, std::size_t count) {
  source_page page{.source = "test"};
  const reservation_type types[]
    = {reservation_types::container, reservation_types::volume,
       reservation_types::zdb, reservation_types::debug,
       reservation_types::public_ip};
  std::mt19937 draw{seed};
  for (std::size_t i = 0; i < count; ++i) {
    auto r = a_volume(std::to_string(draw() % 50) + "-"
                      + std::to_string(draw() % 20));
    r.type = types[draw() % std::size(types)];
    r.node_id = node_id;
    r.user_id = std::to_string(i);
    page.documents.push_back(own_text(*json::write(r), text_form::reservation));
  }
  return page;
}

} // namespace
} // namespace intake_test

BOOST_FIXTURE_TEST_SUITE(intake_test, fixture)

BOOST_AUTO_TEST_CASE(restores_the_order_of_work_whatever_the_schedule) {
  start();
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      shuffle(seed);
      pages.clear();
      give(a_mixed_page(seed, 150));
      BOOST_REQUIRE_EQUAL(pages.size(), 1);
      auto& entries = pages[0]->entries;
      BOOST_REQUIRE_EQUAL(entries.size(), 150);
      for (std::size_t i = 1; i < entries.size(); ++i) {
        auto& left = *entries[i - 1].what;
        auto& right = *entries[i].what;
        BOOST_REQUIRE(!before_in_page(right, left));
        // Stable: of two with one key, the first received stays first.
        BOOST_REQUIRE(before_in_page(left, right)
                      || std::stoi(left.user_id) < std::stoi(right.user_id));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(puts_what_cannot_be_read_behind_the_rest) {
  start();
  give({"{broken", a_document(9), a_document(2)}, policy::off);
  BOOST_CHECK_EQUAL(entries(), "2-1 9-1 ?:malformed_input ");
}

BOOST_AUTO_TEST_CASE(keeps_all_that_the_source_said_of_the_page) {
  start();
  source_page page{.source = "test",
                   .removals = {{"1-1", removal_cause::expired, "over"}},
                   .cursor = 12,
                   .history_end = true,
                   .end_of_stream = true};
  give(std::move(page));
  auto& got = *pages.at(0);
  BOOST_CHECK_EQUAL(got.source, "test");
  BOOST_CHECK_EQUAL(got.removals.at(0).id, "1-1");
  BOOST_CHECK_EQUAL(*got.cursor, 12);
  BOOST_CHECK(got.history_end && got.end_of_stream && got.entries.empty());
}

BOOST_AUTO_TEST_CASE(refuses_what_was_made_for_another_node) {
  start();
  auto w = *json::read_document(a_document(3));
  w.node_id = "another";
  give({json::write(w)}, policy::off);
  BOOST_CHECK_EQUAL(entries(), "3-1:wrong_node ");
}

BOOST_AUTO_TEST_CASE(enforces_signatures) {
  start();
  give({a_document(1), forged(a_document(2)), a_document(3, 8)},
       policy::enforce);
  BOOST_CHECK_EQUAL(entries(), "1-1 2-1:bad_signature 3-1:unknown_user ");
  std::vector<std::int64_t> users{7, 8};
  BOOST_CHECK(keys->asked == users);
}

BOOST_AUTO_TEST_CASE(only_warns_of_signatures) {
  start();
  give({a_document(1), forged(a_document(2)), a_document(3, 8)}, policy::warn);
  BOOST_CHECK_EQUAL(entries(), "1-1 2-1 3-1 ");
}

BOOST_AUTO_TEST_CASE(does_not_look_at_signatures) {
  start();
  give({forged(a_document(2)), a_document(3, 8)}, policy::off);
  BOOST_CHECK_EQUAL(entries(), "2-1 3-1 ");
  BOOST_CHECK(keys->asked.empty());
}

BOOST_AUTO_TEST_CASE(refuses_everything_new_without_a_phonebook) {
  keys = nullptr;
  start();
  give({a_document(1)}, policy::enforce);
  BOOST_CHECK_EQUAL(entries(), "1-1:unknown_user ");
}

BOOST_AUTO_TEST_CASE(waits_for_a_phonebook_that_cannot_be_reached) {
  keys->failure = {errc::explorer_unreachable, "refused"};
  start();
  give({a_document(1), forged(a_document(2))}, policy::enforce, 77);
  advance(1min, 1s);
  BOOST_CHECK(pages.empty());
  keys->failure = {};
  advance(6s, 1s);
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  BOOST_CHECK_EQUAL(entries(), "1-1 2-1:bad_signature ");
  BOOST_CHECK_EQUAL(*pages[0]->cursor, 77);
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_a_phonebook_if_it_only_warns) {
  keys->failure = {errc::explorer_unreachable, "refused"};
  start();
  give({a_document(1)}, policy::warn);
  BOOST_CHECK_EQUAL(entries(), "1-1 ");
}

BOOST_AUTO_TEST_CASE(does_not_verify_again_what_the_node_knows) {
  start();
  give({a_document(1)}, policy::enforce);
  auto known = pages.at(0)->entries;
  BOOST_REQUIRE(
    ask<accepted_page>(cache, accept_page{.source = "test", .entries = known}));
  keys->asked.clear();
  // The explorer has rewritten it meanwhile: the signature no longer matches.
  give({forged(a_document(1)), forged(a_document(2, 8))}, policy::enforce);
  BOOST_CHECK_EQUAL(entries(1), "1-1 2-1:unknown_user ");
  BOOST_CHECK(keys->asked == std::vector<std::int64_t>{8});
}

BOOST_AUTO_TEST_CASE(
  verifies_few_whose_keys_are_at_hand_without_asking_anybody) {
  start_at_hand();
  give({a_document(1), a_document(2)}, policy::enforce);
  BOOST_CHECK_EQUAL(entries(), "1-1 2-1 ");
  BOOST_CHECK(keys->asked.empty());
}

BOOST_AUTO_TEST_CASE(
  what_is_known_need_not_pass_though_few_are_verified_first) {
  start_at_hand();
  know({1});
  give({forged(a_document(1)), forged(a_document(2))}, policy::enforce);
  BOOST_CHECK_EQUAL(entries(), "1-1 2-1:bad_signature ");
}

BOOST_AUTO_TEST_CASE(few_whose_key_is_not_at_hand_wait_for_the_phonebook) {
  start_at_hand();
  give({a_document(1), a_document(2, 8)}, policy::enforce);
  BOOST_CHECK_EQUAL(entries(), "1-1 2-1:unknown_user ");
  BOOST_CHECK(keys->asked == (std::vector<std::int64_t>{7, 8}));
}

BOOST_AUTO_TEST_CASE(only_warns_of_few_that_are_verified_first) {
  start_at_hand();
  give({forged(a_document(1))}, policy::warn);
  BOOST_CHECK_EQUAL(entries(), "1-1 ");
}

BOOST_AUTO_TEST_CASE(leaves_out_of_a_history_what_says_nothing_new) {
  start();
  know({1, 2, 3});
  give({a_document(1), a_document(2), a_document(3)}, policy::enforce);
  BOOST_CHECK_EQUAL(entries(0), "1-1 2-1 3-1 ");
  BOOST_CHECK_EQUAL(pages.at(0)->settled, 0);
  // It seems to be a history: the next page is looked at first.
  give({a_document(1), a_document(2), to_go(a_document(3)), a_document(4),
        "{broken"},
       policy::enforce, 5);
  BOOST_CHECK_EQUAL(entries(1), "3-1 4-1 ?:malformed_input ");
  BOOST_CHECK_EQUAL(pages.at(1)->settled, 2);
  BOOST_CHECK_EQUAL(*pages.at(1)->cursor, 5);
  // It is none any more.
  give({a_document(1), a_document(2)}, policy::enforce);
  BOOST_CHECK_EQUAL(entries(2), "1-1 2-1 ");
}

BOOST_AUTO_TEST_CASE(leaves_nothing_out_of_what_an_operator_gives_back) {
  start();
  know({1});
  give({a_document(1)}, policy::enforce);
  source_page again{.source = "operator", .released = {"1-1"}};
  again.signatures = policy::enforce;
  again.documents.push_back(own_text(a_document(1), text_form::document));
  give(std::move(again));
  BOOST_CHECK_EQUAL(entries(1), "1-1 ");
}

BOOST_AUTO_TEST_CASE(a_forged_document_is_refused_in_a_history_too) {
  start();
  know({1, 2});
  give({a_document(1), a_document(2)}, policy::enforce);
  give({a_document(1), a_document(2), forged(a_document(3))}, policy::enforce);
  BOOST_CHECK_EQUAL(entries(1), "3-1:bad_signature ");
}

BOOST_AUTO_TEST_CASE(verifies_all_entries_of_a_page_whatever_the_schedule) {
  start();
  std::vector<std::string> documents;
  for (int i = 100; i < 140; ++i)
    documents.push_back(i % 3 == 0 ? forged(a_document(i)) : a_document(i));
  std::string wanted;
  for (int i = 100; i < 140; ++i)
    wanted += std::to_string(i) + "-1" + (i % 3 == 0 ? ":bad_signature " : " ");
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    shuffle(seed);
    pages.clear();
    give(documents, policy::enforce);
    BOOST_CHECK_EQUAL(entries(), wanted);
  }
}

BOOST_AUTO_TEST_CASE(reports_a_page_that_it_could_not_decode) {
  start(0);
  decoders = {spawn(broken_decoder)};
  intake = spawn(intake_behavior, intake_peers{script, cache, decoders, keys},
                 node_id);
  give({a_document(1)}, policy::off);
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  BOOST_CHECK(!pages[0]);
}

BOOST_AUTO_TEST_CASE(survives_a_decoder_that_fails_while_others_work) {
  start(0);
  decoders = {spawn(broken_decoder), spawn(decoder_behavior)};
  intake = spawn(intake_behavior, intake_peers{script, cache, decoders, keys},
                 node_id);
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    shuffle(seed);
    pages.clear();
    give(a_mixed_page(seed, 100));
    BOOST_REQUIRE_EQUAL(pages.size(), 1);
    BOOST_CHECK(!pages[0]);
  }
  // Its parts are all over: the next page is not mixed up with them.
  pages.clear();
  source_page empty{.source = "test", .cursor = 3};
  give(std::move(empty));
  BOOST_CHECK_EQUAL(*pages.at(0)->cursor, 3);
}

BOOST_AUTO_TEST_SUITE_END()
