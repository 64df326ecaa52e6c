#include "actors/sources/combined_source.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/actors/asking.hpp"

using namespace provision;
using namespace provision::testing;

namespace combined_source_test {
namespace {

struct script {
  std::string name = {};
  /// Pages it can hand over; the last one ends the stream.
  std::size_t pages = SIZE_MAX;
  std::size_t given = 0;
  std::size_t reconciled = 0;
};

/// Always ready; asked once too often it has failed.
source_actor::behavior_type ready_source(source_actor::pointer,
                                         std::shared_ptr<script> what) {
  return {[what](next_page) -> caf::result<source_page> {
            if (what->given == what->pages)
              return to_caf({errc::storage_failure, "asked after its end"});
            ++what->given;
            return source_page{.source = what->name,
                               .end_of_stream = what->given == what->pages};
          },
          [what](reconcile_source) { ++what->reconciled; }};
}

source_actor::behavior_type dying_source(source_actor::pointer self) {
  return {[self](next_page) -> caf::result<source_page> {
            self->quit(caf::exit_reason::unhandled_exception);
            return self->make_response_promise<source_page>();
          },
          [](reconcile_source) {}};
}

source_actor::behavior_type silent_source(source_actor::pointer self) {
  auto held
    = std::make_shared<std::vector<caf::typed_response_promise<source_page>>>();
  return {[=](next_page) -> caf::result<source_page> {
            held->push_back(self->make_response_promise<source_page>());
            return held->back();
          },
          [](reconcile_source) {}};
}

struct fixture : deterministic {
  std::shared_ptr<script> add(std::string name, std::size_t pages = SIZE_MAX) {
    auto what = std::make_shared<script>(script{std::move(name), pages});
    sources.push_back(spawn(ready_source, what));
    return what;
  }

  source_actor dead_source() {
    auto source = spawn(silent_source);
    caf::anon_send_exit(source, caf::exit_reason::kill);
    run();
    return source;
  }

  void start() { all = spawn(combined_source, sources); }

  /// Names of the sources of the next pages.
  std::string ask(int count) {
    std::string names;
    for (int i = 0; i < count; ++i) {
      pages.clear();
      ask_page(*this, all, pages);
      if (pages.empty())
        return names + "(none)";
      names
        += pages[0] ? pages[0]->source : "(" + pages[0].error().message + ")";
      if (pages[0] && pages[0]->end_of_stream)
        names += "(end)";
    }
    return names;
  }

  std::vector<source_actor> sources;
  source_actor all;
  source_pages pages;
};

} // namespace
} // namespace combined_source_test

BOOST_FIXTURE_TEST_SUITE(combined_source_test, fixture)

BOOST_AUTO_TEST_CASE(lets_every_source_have_its_turn) {
  add("a");
  add("b");
  add("c");
  start();
  auto names = ask(30);
  for (char name : {'a', 'b', 'c'})
    BOOST_CHECK_EQUAL(std::count(names.begin(), names.end(), name), 10);
}

BOOST_AUTO_TEST_CASE(holds_at_most_one_page_per_source) {
  auto a = add("a");
  auto b = add("b");
  auto c = add("c");
  start();
  for (std::size_t asked = 1; asked <= 50; ++asked) {
    ask(1);
    BOOST_REQUIRE(a->given + b->given + c->given <= asked + 3);
  }
}

BOOST_AUTO_TEST_CASE(asks_nobody_until_it_is_asked) {
  auto a = add("a");
  start();
  run();
  BOOST_CHECK_EQUAL(a->given, 0);
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_a_source_that_has_nothing) {
  sources.push_back(spawn(silent_source));
  add("a");
  start();
  BOOST_CHECK_EQUAL(ask(3), "aaa");
}

BOOST_AUTO_TEST_CASE(ends_when_all_have_ended) {
  add("a", 2);
  add("b", 1);
  start();
  auto names = ask(3);
  BOOST_CHECK_EQUAL(std::count(names.begin(), names.end(), 'a'), 2 + 0);
  BOOST_CHECK_EQUAL(names.find("(end)"), names.size() - 5);
  BOOST_CHECK_EQUAL(ask(1), "(none)");
}

BOOST_AUTO_TEST_CASE(goes_on_without_a_source_that_has_died) {
  sources.push_back(dead_source());
  add("a", 3);
  start();
  BOOST_CHECK_EQUAL(ask(3), "aaa(end)");
}

BOOST_AUTO_TEST_CASE(goes_on_without_a_source_that_dies_when_asked) {
  sources.push_back(spawn(dying_source));
  add("a", 3);
  start();
  BOOST_CHECK_EQUAL(ask(2), "aa");
}

BOOST_AUTO_TEST_CASE(ends_when_the_last_source_has_died) {
  sources.push_back(dead_source());
  sources.push_back(dead_source());
  start();
  BOOST_CHECK_EQUAL(ask(1), "(end)");
}

BOOST_AUTO_TEST_CASE(passes_on_the_wish_to_reconcile) {
  auto a = add("a");
  auto b = add("b");
  start();
  caf::anon_send(all, reconcile_source{});
  run();
  BOOST_CHECK_EQUAL(a->reconciled, 1);
  BOOST_CHECK_EQUAL(b->reconciled, 1);
}

BOOST_AUTO_TEST_SUITE_END()
