#include "actors/engine_times.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace std::chrono_literals;

namespace engine_times_test {
namespace {

struct fixture {
  engine_times::instant at(std::chrono::nanoseconds span) const {
    return engine_times::instant{} + span;
  }
  const type_times& volumes() const {
    return times.numbers().types.at(reservation_types::volume);
  }

  engine_times times = {};
  reservation_type volume = reservation_types::volume;
};

} // namespace
} // namespace engine_times_test

BOOST_FIXTURE_TEST_SUITE(engine_times_test, fixture)

BOOST_AUTO_TEST_CASE(measures_each_stage_of_a_reservation) {
  times.queued("1-1", at(1s));
  times.call_begins("1-1", volume, at(3s));
  times.call_ends(volume, false, true, at(7s));
  times.settled("1-1", volume, at(9s));
  BOOST_TEST((volumes().queued.sum() == 2s));
  BOOST_TEST((volumes().provisioned.sum() == 4s));
  BOOST_TEST((volumes().whole.sum() == 8s));
}

BOOST_AUTO_TEST_CASE(tells_failures_and_removals_apart) {
  times.call_begins("1-1", volume, at(0s));
  times.call_ends(volume, false, false, at(1s));
  times.call_begins("1-1", volume, at(1s));
  times.call_ends(volume, true, true, at(3s));
  times.call_begins("1-1", volume, at(3s));
  times.call_ends(volume, true, false, at(6s));
  BOOST_TEST((volumes().provision_failed.sum() == 1s));
  BOOST_TEST((volumes().decommissioned.sum() == 2s));
  BOOST_TEST((volumes().decommission_failed.sum() == 3s));
  BOOST_TEST(volumes().provisioned.count() == 0U);
}

BOOST_AUTO_TEST_CASE(leaves_out_what_had_to_wait) {
  times.queued("1-1", at(1s));
  times.waits("1-1");
  times.call_begins("1-1", volume, at(100s));
  times.call_ends(volume, false, true, at(101s));
  times.settled("1-1", volume, at(102s));
  BOOST_TEST(volumes().queued.count() == 0U);
  BOOST_TEST(volumes().whole.count() == 0U);
  BOOST_TEST(volumes().provisioned.count() == 1U);
}

BOOST_AUTO_TEST_CASE(measures_pages_groups_and_the_start) {
  times.started(at(1s));
  times.took_up();
  times.ready(at(4s));
  times.accept_begins(at(5s));
  times.accept_ends(at(6s), 7);
  times.sign_begins(at(6s));
  times.settle_begins(at(7s));
  times.sign_ends(at(8s));
  times.settle_ends(at(10s), 5);
  times.settle_begins(at(12s));
  times.settle_ends(at(13s), 1);
  auto& all = times.numbers();
  BOOST_TEST((all.recovery == 3s));
  BOOST_TEST(all.taken_up == 1U);
  BOOST_TEST((all.accept.sum() == 1s));
  BOOST_TEST(all.pages == 1U);
  BOOST_TEST(all.documents == 7U);
  BOOST_TEST((all.sign.sum() == 2s));
  BOOST_TEST((all.settle.sum() == 4s));
  BOOST_TEST(all.outcomes == 6U);
}

BOOST_AUTO_TEST_SUITE_END()
