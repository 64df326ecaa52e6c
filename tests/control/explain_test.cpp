#include "control/explain.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/control/api_under_test.hpp"
#include "tests/control/golden_answer.hpp"

using namespace provision;
using namespace provision::testing;

namespace explain_test {
namespace {

/// A node that gets into trouble; what it says of it is held against a file.
struct troubled : api_under_test {
  void check(const std::string& name, const std::string& id) {
    auto got = get("/v1/reservations/" + id + "/explanation");
    BOOST_CHECK_EQUAL(got.status, 200);
    check_answer(name, got.body);
  }

  void fail_with(errc code, std::string why) {
    on_provision = [=](const reservation&) -> expected<std::string> {
      return fail(code, why);
    };
  }
};

} // namespace
} // namespace explain_test

BOOST_FIXTURE_TEST_SUITE(explain_test, troubled)

BOOST_AUTO_TEST_CASE(running_without_end) {
  open();
  give({a_volume("100-1")});
  check("running", "100-1");
}

BOOST_AUTO_TEST_CASE(running_until_it_expires) {
  open();
  auto short_lived = a_volume("100-1");
  short_lived.created = clock->now();
  short_lived.duration = std::chrono::hours{26};
  give({short_lived});
  check("running_expires", "100-1");
}

BOOST_AUTO_TEST_CASE(running_while_the_explorer_is_away) {
  explorer->answer = [](const report&) {
    return error{errc::explorer_unreachable, "connection refused"};
  };
  feedback_settings.retry
    = {.first = std::chrono::seconds{8}, .max = std::chrono::seconds{8}};
  open();
  give({a_volume("100-1")});
  clock->advance(std::chrono::seconds{3});
  check("running_report_owed", "100-1");
}

BOOST_AUTO_TEST_CASE(running_with_a_result_that_the_explorer_refused) {
  explorer->answer = [](const report&) {
    return error{errc::explorer_refused, "404 Not Found", 404};
  };
  open();
  give({a_volume("100-1")});
  check("running_report_parked", "100-1");
}

BOOST_AUTO_TEST_CASE(failed_at_its_provisioner) {
  fail_with(errc::backend_failure, "volume 100-1: mkfs.ext4 ended with 1");
  open();
  give({a_volume("100-1")});
  check("failed", "100-1");
}

BOOST_AUTO_TEST_CASE(failed_because_its_provisioner_hung) {
  settings.provision_timeout = std::chrono::seconds{5};
  special[reservation_types::volume] = [this] { return keep(a_mute(system)); };
  open();
  give({a_volume("100-1")});
  check("pending_at_provisioner", "100-1");
  give({a_volume("100-2"), a_volume("100-3")});
  check("pending_queued", "100-3");
  advance(std::chrono::seconds{6});
  check("failed_deadline", "100-1");
}

BOOST_AUTO_TEST_CASE(failed_because_its_provisioner_died) {
  special[reservation_types::volume]
    = [this] { return keep(a_mortal(system)); };
  open();
  give({a_volume("100-1")});
  check("failed_crashed", "100-1");
}

BOOST_AUTO_TEST_CASE(rejected_for_lack_of_room) {
  limits = {.capacity = {8, 1U << 30U, 0, 3ULL << 30U}};
  open();
  give({a_volume("100-1")});
  check("rejected_no_capacity", "100-1");
}

BOOST_AUTO_TEST_CASE(rejected_because_the_type_is_not_offered) {
  open();
  auto gateway = a_volume("100-1");
  gateway.type = reservation_types::gateway4to6;
  gateway.data = "{}";
  give({gateway});
  check("rejected_type_not_offered", "100-1");
}

BOOST_AUTO_TEST_CASE(rejected_because_its_time_was_over) {
  open();
  auto late = a_volume("100-1");
  late.duration = std::chrono::seconds{1};
  give({late});
  check("rejected_expired", "100-1");
}

BOOST_AUTO_TEST_CASE(rejected_because_it_breaks_a_rule) {
  open();
  auto odd = a_volume("100-1");
  odd.duration = std::chrono::nanoseconds{0};
  give({odd});
  check("rejected_invalid", "100-1");
}

BOOST_AUTO_TEST_CASE(its_removal_waits_for_the_next_try) {
  on_decommission = [](const reservation&) {
    return error{errc::backend_failure, "volume 100-1: device is busy"};
  };
  open();
  give({a_volume("100-1")});
  auto over = a_volume("100-1");
  over.to_delete = true;
  give({over});
  check("removal_waits", "100-1");
  advance(std::chrono::milliseconds{1100});
  check("removal_waits_again", "100-1");
}

BOOST_AUTO_TEST_CASE(gone_on_an_order) {
  open();
  give({a_volume("100-1")});
  auto over = a_volume("100-1");
  over.to_delete = true;
  give({over});
  check("gone_ordered", "100-1");
}

BOOST_AUTO_TEST_CASE(gone_because_it_expired) {
  open();
  auto short_lived = a_volume("100-1");
  short_lived.created = clock->now();
  short_lived.duration = std::chrono::seconds{60};
  give({short_lived});
  advance(std::chrono::seconds{62}, std::chrono::seconds{1});
  check("gone_expired", "100-1");
}

BOOST_AUTO_TEST_CASE(gone_because_it_was_cancelled) {
  open();
  give({a_volume("100-1")});
  request("POST", "/v1/reservations/100-1/cancel",
          R"({"reason":"its disk is dying"})");
  check("gone_cancelled", "100-1");
}

BOOST_AUTO_TEST_CASE(gone_because_another_took_its_place) {
  open();
  give({a_volume("100-1")});
  auto newer = a_volume("200-1");
  newer.reference = "100-1";
  give({newer});
  check("migrated", "100-1");
  check("running_migrated", "200-1");
}

BOOST_AUTO_TEST_CASE(set_aside_because_it_is_another_nodes) {
  open();
  auto stray = a_volume("100-1");
  stray.node_id = "3NAkUYqm5iPRmNAnmLfjwdreqDssvsebj4uPUt9BxFPm";
  give({stray});
  check("quarantined_wrong_node", "100-1");
}

BOOST_AUTO_TEST_CASE(set_aside_because_nobody_signed_it) {
  signatures = config::signature_policy::enforce;
  keys = std::make_shared<no_keys>();
  open();
  give({a_volume("100-1")});
  check("quarantined_signature", "100-1");
}

/// It dies while the volume is at its provisioner, and then refuses it.
struct cut_short : troubled {
  cut_short() {
    special[reservation_types::volume]
      = [this] { return keep(a_mute(system)); };
    start();
    auto wanted = a_volume("100-1");
    wanted.created = clock->now();
    wanted.duration = std::chrono::hours{1};
    give({wanted});
    die();
    special.clear();
  }
};

BOOST_FIXTURE_TEST_CASE(refused_after_a_crash, cut_short) {
  clock->advance(std::chrono::hours{2});
  open();
  check("rejected_withdrawn", "100-1");
}

BOOST_FIXTURE_TEST_CASE(refused_after_a_crash_and_not_taken_down, cut_short) {
  offered = {"zdb"};
  open();
  check("removal_refused", "100-1");
}

BOOST_AUTO_TEST_CASE(set_aside_after_deaths_of_the_daemon) {
  settings.deaths_max = 1;
  special[reservation_types::volume] = [this] { return keep(a_mute(system)); };
  open();
  give({a_volume("100-1")});
  restart();
  reopen();
  check("quarantined_deaths", "100-1");
}

BOOST_AUTO_TEST_CASE(pending_while_the_disk_is_full) {
  open();
  give({a_volume("100-1")});
  before_apply = [] {
    return error{errc::disk_full, "no space left on device"};
  };
  auto over = a_volume("100-1");
  over.to_delete = true;
  give({over});
  clock->advance(std::chrono::seconds{5});
  // The order itself could not be taken: what runs goes on running.
  check("disk_full", "100-1");
}

BOOST_AUTO_TEST_CASE(done_but_not_written_while_the_disk_is_full) {
  bool is_full = false;
  before_apply = [&is_full] {
    return is_full ? error{errc::disk_full, "no space left on device"}
                   : error{};
  };
  on_provision = [&is_full](const reservation&) -> expected<std::string> {
    is_full = true;
    return "{}";
  };
  open();
  give({a_volume("100-1")});
  check("pending_settling", "100-1");
}

BOOST_AUTO_TEST_CASE(spans_are_told_in_two_units_at_most) {
  using namespace std::chrono;
  BOOST_CHECK_EQUAL(span_text(seconds{0}), "0s");
  BOOST_CHECK_EQUAL(span_text(milliseconds{59999}), "59s");
  BOOST_CHECK_EQUAL(span_text(seconds{60}), "1m");
  BOOST_CHECK_EQUAL(span_text(seconds{3661}), "1h 1m");
  BOOST_CHECK_EQUAL(span_text(hours{49}), "2d 1h");
}

BOOST_AUTO_TEST_SUITE_END()
