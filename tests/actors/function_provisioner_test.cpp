#include <boost/test/unit_test.hpp>

#include <stdexcept>

#include "actors/provisioners/function_provisioner.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;

namespace function_provisioner_test {
namespace {

struct provisioner_fixture : deterministic {
  void start(workload_functions functions) {
    actor = spawn(function_provisioner, std::move(functions));
  }

  expected<provisioned_workload> provision() {
    return ask<provisioned_workload>(actor, provision_workload{what});
  }

  expected<done> decommission() {
    return ask<done>(actor, decommission_workload{what});
  }

  reservation_ptr what = std::make_shared<reservation>(a_volume("7-1"));
  provisioner_actor actor;
};

} // namespace
} // namespace function_provisioner_test

BOOST_FIXTURE_TEST_SUITE(function_provisioner_test, provisioner_fixture)

BOOST_AUTO_TEST_CASE(yields_what_the_function_returns) {
  start({[](const reservation& r) -> expected<std::string> {
           return "\"" + r.id + "\"";
         },
         [](const reservation&) { return error{}; }});
  BOOST_CHECK_EQUAL(provision()->data, "\"7-1\"");
  BOOST_CHECK(decommission());
  BOOST_CHECK(ask<done>(actor, probe_provisioner{}));
}

BOOST_AUTO_TEST_CASE(hands_errors_on_as_they_are) {
  start({[](const reservation&) -> expected<std::string> {
           return fail(errc::backend_failure, "no pool", 5);
         },
         [](const reservation&) {
           return error{errc::backend_failure, "busy", 16};
         }});
  BOOST_CHECK(provision().error()
              == (error{errc::backend_failure, "no pool", 5}));
  BOOST_CHECK(decommission().error()
              == (error{errc::backend_failure, "busy", 16}));
}

BOOST_AUTO_TEST_CASE(survives_what_the_functions_throw) {
  bool odd = false;
  start({[&](const reservation&) -> expected<std::string> {
           if (odd)
             throw 42;
           throw std::runtime_error{"bug 1"};
         },
         [&](const reservation&) -> error {
           if (odd)
             throw 42;
           throw std::runtime_error{"bug 2"};
         }});
  BOOST_CHECK(provision().error() == (error{errc::provision_failed, "bug 1"}));
  BOOST_CHECK(decommission().error()
              == (error{errc::decommission_failed, "bug 2"}));
  odd = true;
  BOOST_CHECK(provision().error().code == errc::provision_failed);
  BOOST_CHECK(decommission().error().code == errc::decommission_failed);
}

BOOST_AUTO_TEST_CASE(says_so_when_there_is_no_decommissioner) {
  start(
    {[](const reservation&) -> expected<std::string> { return "null"; }, {}});
  BOOST_CHECK(decommission().error().code == errc::type_not_offered);
}

BOOST_AUTO_TEST_CASE(says_so_when_there_is_no_provisioner) {
  start({});
  BOOST_CHECK(!provision());
  BOOST_CHECK(ask<done>(actor, probe_provisioner{}));
}

BOOST_AUTO_TEST_SUITE_END()
