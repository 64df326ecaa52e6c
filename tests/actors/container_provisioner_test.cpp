#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

#include "actors/provisioners/container.hpp"
#include "backends/simulated/container_backend.hpp"
#include "logging/log.hpp"
#include "logging/tee.hpp"
#include "messages/json/json.hpp"
#include "tests/actors/provisioner_tests.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(container_provisioner_test)

namespace {

struct fixture {
  std::shared_ptr<simulated_container_backend> host
    = std::make_shared<simulated_container_backend>();
  /// What is sealed, if it matters.
  std::string opened = {};
  std::map<std::string, std::string> owners{{"12-1", "7"}, {"13-1", "8"}};
  workload_functions both = container_functions(
    {.backend = host,
     .volume_owner = [this](const std::string& id) -> expected<std::string> {
       if (!owners.contains(id))
         return fail(errc::no_such_reservation, "none");
       return owners.at(id);
     },
     .open_secret = [this](const reservation& r,
                           std::string_view sealed) -> expected<secret> {
       if (sealed == "broken")
         return fail(errc::malformed_input, "does not open");
       return secret{opened.empty() ? "opened for " + r.user_id : opened};
     }});

  /// The golden container of user 7, as far as a plain host can serve it.
  reservation wanted = [] {
    auto r = golden_reservation("container");
    auto& what = std::get<workloads::container>(r.workload);
    what.flist = "docker://registry.example/app:1";
    what.network.public_ip6 = false;
    what.network.yggdrasil_ip = false;
    what.mounts = {{"12-1", "/data/../data/x/"}};
    what.stats.clear();
    return r;
  }();

  workloads::container& what() {
    return std::get<workloads::container>(wanted.workload);
  }

  container_order order() { return host->containers().begin()->second; }

  /// What the log says of a container that is made all the same.
  std::vector<std::string> warnings_of_provision() {
    std::vector<std::string> said;
    log::configure(log::level::warning, log::format::text);
    log::tee([&](std::string_view line) { said.emplace_back(line); });
    BOOST_CHECK(both.provision(wanted));
    log::tee({});
    log::configure(log::level::off, log::format::text);
    return said;
  }

  void refused(const std::string& why) {
    check_refused(both, wanted, why);
    BOOST_CHECK(host->containers().empty());
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(hands_over_what_was_asked_for, fixture) {
  what().entrypoint = "/bin/sh -c 'sleep 1'";
  BOOST_CHECK_EQUAL(both.provision(wanted).value(),
                    R"({"id":"102-1","ipv6":"\u003cnil\u003e",)"
                    R"("ipv4":"10.1.2.5","yggdrasil":"\u003cnil\u003e"})");
  // As after a crash: the same again.
  BOOST_CHECK(both.provision(wanted));
  BOOST_REQUIRE_EQUAL(host->containers().size(), 1);
  const auto made = order();
  BOOST_CHECK_EQUAL(made.image, "docker://registry.example/app:1");
  BOOST_CHECK_EQUAL(made.cpus, 2);
  BOOST_CHECK_EQUAL(made.memory_bytes, 2048ULL << 20U);
  BOOST_CHECK_EQUAL(made.disk_bytes, 1024ULL << 20U);
  BOOST_CHECK_EQUAL(made.network_id, network_id("7", "net1"));
  BOOST_CHECK_EQUAL(made.entrypoint.size(), 3);
  BOOST_REQUIRE_EQUAL(made.volumes.size(), 1);
  BOOST_CHECK_EQUAL(made.volumes[0].volume_id, "12-1");
  BOOST_CHECK_EQUAL(made.volumes[0].target, "/data/x");
  BOOST_REQUIRE_EQUAL(made.environment.size(), 3);
  BOOST_CHECK_EQUAL(made.environment[0].reveal(), "A=b=c");
  BOOST_CHECK_EQUAL(made.environment[1].reveal(), "FOO=BAR");
  BOOST_CHECK_EQUAL(made.environment[2].reveal(), "KEY=opened for 7");
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(host->containers().empty());
}

BOOST_FIXTURE_TEST_CASE(a_small_disk_is_given_where_none_is_asked_for,
                        fixture) {
  what().capacity.disk_size = 0;
  BOOST_REQUIRE(both.provision(wanted));
  BOOST_CHECK_EQUAL(order().disk_bytes, 256ULL << 20U);
}

BOOST_FIXTURE_TEST_CASE(refuses_in_the_originals_order, fixture) {
  auto& c = what();
  c.capacity.cpu = 0;
  refused("capacity.cpu: ");
  c.capacity.memory = 1023;
  refused("capacity.memory: ");
  c.flist.clear();
  refused("flist: ");
  c.network.ips->clear();
  refused("network.ips: ");
  c.network.network_id.clear();
  refused("network.network_id: ");
}

BOOST_FIXTURE_TEST_CASE(says_what_a_plain_host_cannot_give, fixture) {
  what().interactive = true;
  refused("interactive: ");
  what().network.yggdrasil_ip = true;
  refused("network.yggdrasil_ip: ");
  what().network.public_ip6 = true;
  refused("network.public_ip6: ");
}

BOOST_FIXTURE_TEST_CASE(mounts_only_volumes_of_the_same_user, fixture) {
  what().mounts = {{"13-1", "/data"}};
  refused("volume 13-1 is not one of this user");
  what().mounts = {{"99-1", "/data"}};
  refused("volume 99-1 is not one of this user");
}

BOOST_FIXTURE_TEST_CASE(a_volume_cannot_hide_the_containers_own_files,
                        fixture) {
  what().mounts = {{"12-1", "/a/../.."}};
  refused("would hide the container's files");
  what().mounts = {{"12-1", "../../etc"}};
  BOOST_REQUIRE(both.provision(wanted));
  BOOST_CHECK_EQUAL(order().volumes[0].target, "/etc");
}

BOOST_FIXTURE_TEST_CASE(a_volume_cannot_pose_as_the_system, fixture) {
  for (const auto* target :
       {"/proc", "/proc/self", "/data/../sys//fs", "/dev/", "/dev/shm"}) {
    what().mounts = {{"12-1", target}};
    refused("are the system's");
  }
  what().mounts = {{"12-1", "/process"}};
  BOOST_CHECK(both.provision(wanted));
}

BOOST_FIXTURE_TEST_CASE(a_secret_that_does_not_open_is_named, fixture) {
  what().secret_env = {{{"KEY", "broken"}}};
  const auto done = both.provision(wanted);
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().message.find("secret_env: 'KEY'")
              != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(output_goes_where_the_reservation_says, fixture) {
  what().logs = {{.type = "redis",
                  .stdout_url = "redis://10.1.2.9:6380/out",
                  .stderr_url = "redis://10.1.2.9/err"}};
  BOOST_REQUIRE(both.provision(wanted));
  const auto outputs = order().outputs;
  BOOST_REQUIRE_EQUAL(outputs.size(), 2);
  BOOST_CHECK(outputs[0].stream == output_stream::output);
  BOOST_CHECK(outputs[0].to
              == parse_redis_channel("redis://10.1.2.9:6380/out").value());
  BOOST_CHECK(outputs[1].stream == output_stream::errors);
  BOOST_CHECK_EQUAL(outputs[1].to.channel, "err");
}

BOOST_FIXTURE_TEST_CASE(a_sealed_destination_counts_before_an_open_one,
                        fixture) {
  opened = "redis://:open-sesame@10.1.2.8/sealed";
  what().logs = {{.type = "redis",
                  .stdout_url = "redis://10.1.2.9/out",
                  .stderr_url = "redis://10.1.2.9/err",
                  .secret_stdout = "sealed"}};
  BOOST_REQUIRE(both.provision(wanted));
  const auto outputs = order().outputs;
  BOOST_REQUIRE_EQUAL(outputs.size(), 2);
  BOOST_CHECK_EQUAL(outputs[0].to.channel, "sealed");
  BOOST_CHECK_EQUAL(outputs[0].to.password.reveal(), "open-sesame");
  BOOST_CHECK_EQUAL(outputs[1].to.channel, "err");
  what().logs[0].secret_stderr = "broken";
  const auto done = both.provision(wanted);
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().message.find("logs: standard error: ")
              != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_sent_on_stays_and_the_container_runs,
                        fixture) {
  what().logs = {{.type = "kafka", .stdout_url = "redis://10.1.2.9/out"},
                 {.type = "redis",
                  .stdout_url = "redis://:sesame@logs.example/out",
                  .stderr_url = "redis://10.1.2.9/err"},
                 {.type = "redis"}};
  const auto said = warnings_of_provision();
  BOOST_REQUIRE_EQUAL(order().outputs.size(), 1);
  BOOST_CHECK_EQUAL(order().outputs[0].to.channel, "err");
  BOOST_REQUIRE_EQUAL(said.size(), 2);
  BOOST_CHECK(said[0].find("is not of type redis") != std::string::npos);
  BOOST_CHECK(said[1].find("names no numeric address") != std::string::npos);
  BOOST_CHECK(said[1].find("sesame") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(output_goes_to_a_few_places_at_most, fixture) {
  what().logs.assign(5, {.type = "redis",
                         .stdout_url = "redis://10.1.2.9/out",
                         .stderr_url = "redis://10.1.2.9/err"});
  BOOST_REQUIRE(both.provision(wanted));
  BOOST_CHECK_EQUAL(order().outputs.size(), 8);
}

BOOST_FIXTURE_TEST_CASE(what_it_uses_goes_where_the_reservation_says, fixture) {
  what().logs.clear();
  what().stats = {{"redis", "redis://10.1.2.9:6379/stats"}};
  BOOST_REQUIRE(both.provision(wanted));
  const auto outputs = order().outputs;
  BOOST_REQUIRE_EQUAL(outputs.size(), 1);
  BOOST_CHECK(outputs[0].stream == output_stream::usage);
  BOOST_CHECK(outputs[0].to
              == parse_redis_channel("redis://10.1.2.9:6379/stats").value());
}

BOOST_FIXTURE_TEST_CASE(what_it_uses_stays_where_it_cannot_be_sent, fixture) {
  what().logs.clear();
  what().stats = {{"unknown", ""},
                  {"redis", ""},
                  {"redis", "redis://:sesame@stats.example/all"},
                  {"redis", "redis://10.1.2.9/a"},
                  {"redis", "redis://10.1.2.9/b"},
                  {"redis", "redis://10.1.2.9/c"}};
  const auto said = warnings_of_provision();
  BOOST_REQUIRE_EQUAL(order().outputs.size(), 2);
  BOOST_CHECK_EQUAL(order().outputs[0].to.channel, "a");
  BOOST_CHECK_EQUAL(order().outputs[1].to.channel, "b");
  BOOST_REQUIRE_EQUAL(said.size(), 3);
  BOOST_CHECK(said[0].find("stats is passed over: it is not of type redis")
              != std::string::npos);
  BOOST_CHECK(said[1].find("names no numeric address") != std::string::npos);
  BOOST_CHECK(said[1].find("sesame") == std::string::npos);
  BOOST_CHECK(said[2].find("is one too many") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_variable_must_have_a_name, fixture) {
  what().env = {{{"A=B", "c"}}};
  refused("env: 'A=B' cannot be set");
}

BOOST_FIXTURE_TEST_CASE(passes_on_what_the_host_refuses, fixture) {
  host->fail_with({errc::disk_full, "no room"});
  BOOST_CHECK(both.provision(wanted).error().code == errc::disk_full);
  BOOST_CHECK(both.decommission(wanted).code == errc::disk_full);
}

BOOST_AUTO_TEST_SUITE_END()
