#include <boost/test/unit_test.hpp>

#include "tests/control/api_under_test.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;
using namespace provision::testing;

BOOST_AUTO_TEST_SUITE(api_usage_test)

BOOST_FIXTURE_TEST_CASE(tells_what_the_host_says_beside_what_was_reserved,
                        api_under_test) {
  open();
  give({a_volume("7-1"), a_volume("8-1")});
  std::vector<std::string> asked;
  usage["volume"] = [&](const std::string& name) -> expected<workload_usage> {
    asked.push_back(name);
    if (name == "8-1")
      return fail(errc::backend_failure, "the disk hangs");
    return workload_usage{.disk_bytes = 5, .disk_bytes_max = 1U << 30U};
  };
  reopen();
  const auto got = get("/v1/usage");
  BOOST_CHECK_EQUAL(got.status, 200);
  says(got.body, R"("id":"7-1","type":"volume")");
  says(got.body, R"("memory_bytes":null,"cpu_us":null,"disk_bytes":5,)"
                 R"("disk_bytes_max":1073741824)");
  says(got.body, R"("failed":"the disk hangs")");
  BOOST_CHECK_EQUAL(asked.size(), 2u);
  // One alone.
  BOOST_CHECK_EQUAL(get("/v1/usage?prefix=8-").body.find("7-1"),
                    std::string::npos);
  BOOST_CHECK_EQUAL(get("/v1/usage?limit=none").status, 400);
}

BOOST_FIXTURE_TEST_CASE(an_audit_names_what_is_beyond_and_what_is_missing,
                        api_under_test) {
  open();
  give({a_volume("7-1"), a_volume("8-1"), a_volume("9-1")});
  usage["volume"] = [](const std::string& name) -> expected<workload_usage> {
    if (name == "8-1")
      return fail(errc::no_such_reservation, "there is no volume 8-1");
    return workload_usage{.disk_bytes
                          = name == "9-1" ? std::uint64_t{1} << 50U : 7U};
  };
  reopen();
  const auto got = get("/v1/capacity/audit");
  says(got.body, R"("drift":false)");
  says(got.body, R"("measured":2)");
  says(got.body, R"("disk_bytes":1125899906842631)");
  says(got.body, R"("missing":["8-1"],"beyond":["9-1"])");
}

BOOST_AUTO_TEST_SUITE_END()
