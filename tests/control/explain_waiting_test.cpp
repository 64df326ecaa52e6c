#include "control/explain.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/control/api_under_test.hpp"
#include "tests/control/golden_answer.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace explain_waiting_test {
namespace {

/// A node whose reservations have to wait, or stay although they should go.
struct held_up : api_under_test {
  void check(const std::string& name, const std::string& id) {
    auto got = get("/v1/reservations/" + id + "/explanation");
    BOOST_CHECK_EQUAL(got.status, 200);
    test::says(got.body, "\"code\":\"");
    check_answer(name, got.body);
  }

  static reservation deleting(std::string id) {
    auto over = a_volume(std::move(id));
    over.to_delete = true;
    return over;
  }

  void fail_with(errc code, std::string why) {
    on_provision = [=](const reservation&) -> expected<std::string> {
      return fail(code, why);
    };
  }
};

} // namespace
} // namespace explain_waiting_test

BOOST_FIXTURE_TEST_SUITE(explain_waiting_test, held_up)

BOOST_AUTO_TEST_CASE(an_operator_has_cordoned_its_type) {
  open();
  BOOST_CHECK_EQUAL(request("POST", "/v1/types/volume/cordon")->status, 200);
  give({a_volume("100-1")});
  clock->advance(5s);
  check("pending_cordoned", "100-1");
}

BOOST_AUTO_TEST_CASE(its_type_is_degraded) {
  settings.restarts_max = 1;
  special[reservation_types::volume]
    = [this] { return keep(a_mortal(system)); };
  open();
  give({a_volume("100-1"), a_volume("100-2"), a_volume("100-3")});
  check("pending_degraded", "100-3");
}

BOOST_AUTO_TEST_CASE(its_host_was_busy_and_it_is_tried_again) {
  fail_with(errc::host_busy, "volume 100-1: the pool is being checked");
  open();
  give({a_volume("100-1")});
  check("pending_retried", "100-1");
}

BOOST_AUTO_TEST_CASE(its_type_is_suspended_for_want_of_its_pool) {
  settings.infrastructure_errors_max = 2;
  fail_with(errc::host_unavailable, "the pool is not mounted");
  open();
  give({a_volume("100-1"), a_volume("100-2"), a_volume("100-3")});
  check("pending_suspended", "100-3");
}

BOOST_AUTO_TEST_CASE(its_time_is_over_under_a_clock_that_is_not_trusted) {
  guard = std::make_shared<clock_guard>(
    config::clock_settings{.jump_max = 1min, .settling_time = 1h});
  open();
  auto what = a_volume("100-1");
  what.created = clock->now();
  what.duration = 2h;
  give({what});
  advance(1min);
  clock->advance(24h);
  advance(5min, 1s);
  check("running_clock_distrusted", "100-1");
}

BOOST_AUTO_TEST_CASE(its_deletion_is_held_because_there_were_too_many) {
  settings.deletions_max = 1;
  open();
  give({a_volume("100-1"), a_volume("100-2"), a_volume("100-3")});
  give({deleting("100-1"), deleting("100-2"), deleting("100-3")});
  check("removal_held", "100-3");
}

BOOST_AUTO_TEST_CASE(it_is_being_taken_down_and_others_wait_for_that) {
  settings.provision_timeout = 5s;
  auto hangs = std::make_shared<bool>(false);
  special[reservation_types::volume] = [this, hangs] {
    return keep(
      *hangs ? a_mute(system)
             : system.spawn(
               function_provisioner,
               workload_functions{
                 .provision = [](const reservation&) -> expected<std::string> {
                   return "{}";
                 },
                 .decommission = [](const reservation&) { return error{}; }}));
  };
  open();
  give({a_volume("100-1"), a_volume("100-2")});
  *hangs = true;
  restart();
  reopen();
  give({deleting("100-1"), deleting("100-2")});
  check("removal_at_provisioner", "100-1");
  check("removal_queued", "100-2");
}

BOOST_AUTO_TEST_CASE(what_came_was_no_reservation) {
  open();
  source_page page;
  page.source = "explorer";
  page.documents.push_back(
    own_text(R"({"id":"100-1","type":"volume","created":"yesterday"})",
             text_form::reservation));
  give(std::move(page));
  check("quarantined_malformed", "100-1");
}

BOOST_AUTO_TEST_SUITE_END()
