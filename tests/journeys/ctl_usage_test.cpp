// What workloads use, and what is lent out, as people and programs are told.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/journeys/household.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace ctl_usage_test {
namespace {

/// With two volumes of 10 GiB, the first of which holds 3 MiB.
struct used_household : household {
  used_household() {
    start();
    give(volume("100-1") + volume("101-1"), "101-1");
    std::ofstream{node.data_dir() + "/volumes/100-1/file"}
      << std::string(3U << 20U, 'x');
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace
} // namespace ctl_usage_test

BOOST_FIXTURE_TEST_SUITE(ctl_usage_test, used_household)

BOOST_AUTO_TEST_CASE(people_read_sizes_and_programs_bytes) {
  const auto shown = ends(0, {"usage"}).out;
  says(shown, "ID     TYPE");
  says(shown, "100-1  volume");
  says(shown, "101-1  volume");
  says(shown, "3.0 MiB");
  // Nothing enforces the size of a folder, so there is no limit to tell of.
  const auto written = ends(0, {"--json", "usage"}).out;
  says(written, R"("id":"100-1","type":"volume")");
  says(written, R"("sru":10737418240)");
  says(written, R"("disk_bytes":314)");
  BOOST_CHECK(!holds(written, "MiB"));
}

BOOST_AUTO_TEST_CASE(one_workload_is_shown_alone) {
  const auto shown = ends(0, {"usage", "100-1"}).out;
  says(shown, "100-1  volume");
  BOOST_CHECK(!holds(shown, "101-1"));
  // Who asks for what is not there is told so by the exit code.
  BOOST_CHECK_NE(ctl({"usage", "999-1"}).code, 0);
}

BOOST_AUTO_TEST_CASE(what_the_host_does_not_tell_has_its_reason) {
  std::filesystem::remove_all(node.data_dir() + "/volumes/101-1");
  const auto shown = ends(0, {"usage", "101-1"}).out;
  says(shown, "101-1  volume");
  says(shown, "there is no volume 101-1");
  says(ends(0, {"capacity", "audit"}).out, "101-1 could not be measured");
}

BOOST_AUTO_TEST_CASE(
  capacity_is_in_sizes_for_people_and_in_bytes_for_programs) {
  const auto lent = ends(0, {"capacity"}).out;
  says(lent, "20.0 GiB");
  BOOST_CHECK(!holds(lent, "21474836480"));
  says(ends(0, {"--json", "capacity"}).out, R"("sru":21474836480)");
  const auto audited = ends(0, {"capacity", "audit"}).out;
  says(audited, "20.0 GiB");
  BOOST_CHECK(!holds(audited, "21474836480"));
  says(ends(0, {"--json", "capacity", "audit"}).out, R"("sru":21474836480)");
}

BOOST_AUTO_TEST_SUITE_END()
