#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "tests/journeys/sealed_by_user.hpp"
#include "tests/journeys/two_hosts.hpp"
#include "tests/journeys/zdb_node.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace remote_worker_test {
namespace {

boost::test_tools::assertion_result
namespaces_are_possible_elsewhere(boost::unit_test::test_unit_id) {
  const auto can = probe_zdb(std::filesystem::temp_directory_path().string(),
                             zdb_server_program())
                     .ability;
  return unless(can.state == ability::level::missing ? can.reason : "");
}

struct two_hosts_with_zdb : two_hosts {
  two_hosts_with_zdb() {
    type = "zdb";
    storage_settings = "[zdb]\nserver = \"" + zdb_server_program()
                       + "\"\nlisten = \"" + address_of_this_test() + ':'
                       + std::to_string(zdb_port) + "\"\n";
  }
  ~two_hosts_with_zdb() {
    for (auto* one : {&node, &storage}) {
      one->signal(SIGKILL);
      one->wait();
    }
    BOOST_CHECK(!servers().remove("user"));
    BOOST_CHECK(!servers().remove("seq"));
  }

  supervised_processes servers() const {
    return supervised_processes::open(storage.data_dir() + "/zdb",
                                      find_shim().value())
      .value();
  }

  std::int64_t reserve_namespace() {
    auto wanted = explorer->golden("zdb");
    auto& what = std::get<documents::zdb>(wanted.content);
    what.size = 1;
    what.disk_type = 1;
    what.is_public = false;
    what.password = sealed_by_user("open sesame", explorer->node_id());
    what.mode = 1;
    return explorer->create(wanted);
  }

  static std::string says_to(std::int64_t id, const std::string& password) {
    zdb_client user{zdb_port};
    return user.says({"SELECT", gwid(id), password});
  }
};

} // namespace
} // namespace remote_worker_test

BOOST_FIXTURE_TEST_SUITE(remote_worker_test, two_hosts)

BOOST_AUTO_TEST_CASE(a_worker_on_another_host_makes_and_removes_volumes) {
  start();
  const auto id = make_one();
  // None of it is on the daemon's host.
  BOOST_CHECK(
    !std::filesystem::exists(node.data_dir() + "/volumes/" + gwid(id)));
  BOOST_CHECK_EQUAL(children_of(node.pid()).size(), 0u);
  explorer->cancel(id);
  BOOST_CHECK(eventually([&] { return !std::filesystem::exists(folder(id)); }));
  node.signal(SIGTERM);
  BOOST_CHECK_EQUAL(node.wait(5s).value().code, 0);
  BOOST_CHECK(eventually([&] { return worker() == 0; }));
  storage.signal(SIGTERM);
  BOOST_CHECK_EQUAL(storage.wait(5s).value().code, 0);
}

BOOST_AUTO_TEST_CASE(a_worker_that_is_killed_there_is_replaced) {
  start();
  make_one();
  const auto first = worker();
  ::kill(first, SIGKILL);
  BOOST_CHECK(eventually([&] { return worker() != first && worker() != 0; }));
  make_one();
  says(node.log(), "worker for volume at 127.0.0.1:" + std::to_string(port)
                     + " closed the connection");
  says(storage.log(), "lost its worker");
}

BOOST_AUTO_TEST_CASE(
  work_waits_for_a_host_that_is_away_and_goes_on_without_it) {
  start();
  make_one();
  storage.signal(SIGKILL);
  BOOST_REQUIRE(storage.wait());
  // What is handed over before the end is heard would bear the blame.
  BOOST_REQUIRE(eventually([&] {
    return node.log().find("closed the connection") != std::string::npos;
  }));
  const auto waits = explorer->create(explorer->volume());
  BOOST_REQUIRE(eventually([&] {
    return node.log().find("could not be reached at 127.0.0.1:")
           != std::string::npos;
  }));
  BOOST_CHECK(!answered(waits));
  start_storage();
  BOOST_REQUIRE_MESSAGE(eventually([&] { return answered(waits); }),
                        node.log());
  BOOST_CHECK_EQUAL(explorer->find(waits).result.message, "");
}

BOOST_AUTO_TEST_CASE(a_call_that_hangs_there_is_killed_there) {
  start_storage();
  start_node("[deadlines]\nvolume_provision = \"300ms\"\n");
  make_one();
  const auto first = worker();
  ::kill(first, SIGSTOP);
  const auto victim = explorer->create(explorer->volume());
  BOOST_REQUIRE(eventually([&] { return answered(victim); }));
  says(explorer->find(victim).result.message, "did not answer within 300 ms");
  BOOST_CHECK(eventually([&] { return has_ended(first); }));
  make_one();
}

BOOST_AUTO_TEST_CASE(no_worker_outlives_the_daemon_elsewhere) {
  start();
  make_one();
  const auto left = worker();
  node.signal(SIGKILL);
  BOOST_REQUIRE(node.wait());
  BOOST_CHECK(eventually([&] { return has_ended(left); }));
  // Nor the program that offers it.
  start_node();
  make_one();
  const auto next = worker();
  storage.signal(SIGKILL);
  BOOST_REQUIRE(storage.wait());
  BOOST_CHECK(eventually([&] { return has_ended(next); }));
}

BOOST_AUTO_TEST_CASE(what_nobody_was_told_of_is_found_there) {
  start_storage();
  start_node("[janitor]\ninterval = \"1s\"\nquarantine = \"1s\"\nremove = "
             "\"on\"\n[deadlines]\nvolume_provision = \"300ms\"\n");
  const auto kept = make_one();
  const auto gone = make_one();
  explorer->cancel(gone);
  BOOST_REQUIRE(eventually([&] {
    return std::ranges::count(explorer->accepted(), "deleted " + gwid(gone))
           > 0;
  }));
  // The connection breaks; its answer is lost, and what was made is not.
  const auto first = worker();
  ::kill(first, SIGSTOP);
  const auto lost = explorer->create(explorer->volume());
  BOOST_REQUIRE_MESSAGE(eventually([&] { return answered(lost); }),
                        node.log() + storage.log());
  BOOST_REQUIRE(eventually([&] { return has_ended(first); }));
  for (const auto id : {lost, gone})
    std::filesystem::create_directory(folder(id));
  const auto logs = [&](const std::string& text) {
    return node.log().find(text) != std::string::npos;
  };
  BOOST_CHECK_MESSAGE(
    eventually([&] { return logs("orphan=volume:" + gwid(lost)); }),
    node.log());
  // By itself goes what an order had made go, and nothing else.
  BOOST_CHECK_MESSAGE(
    eventually([&] { return !std::filesystem::exists(folder(gone)); }),
    node.log());
  BOOST_CHECK(std::filesystem::exists(folder(lost)));
  BOOST_CHECK(std::filesystem::exists(folder(kept)));
  BOOST_CHECK(!logs("orphan=volume:" + gwid(kept)));
}

BOOST_AUTO_TEST_CASE(a_disk_elsewhere_counts_as_what_it_is) {
  start_storage();
  for (const bool turns : {false, true}) {
    disk_turns = turns;
    start_node();
    for (const std::uint8_t kind : {0, 1}) {
      auto wanted = explorer->volume();
      std::get<documents::volume>(wanted.content).type = kind;
      const auto id = explorer->create(wanted);
      BOOST_REQUIRE_MESSAGE(eventually([&] { return answered(id); }),
                            node.log());
      const auto message = explorer->find(id).result.message;
      const bool is_there = (kind == 0) == turns;
      BOOST_CHECK_MESSAGE(message.empty() == is_there,
                          int{kind} << turns << message);
      if (!is_there)
        says(message, turns ? "SRU short" : "HRU short");
    }
    node.signal(SIGTERM);
    BOOST_REQUIRE_EQUAL(node.wait(5s).value().code, 0);
  }
}

BOOST_FIXTURE_TEST_CASE(
  a_namespace_elsewhere_has_its_password_and_outlives_its_maker,
  two_hosts_with_zdb,
  *boost::unit_test::precondition(namespaces_are_possible_elsewhere)) {
  start();
  const auto id = reserve_namespace();
  BOOST_REQUIRE_MESSAGE(eventually([&] { return answered(id); }),
                        node.log() + storage.log());
  BOOST_REQUIRE_EQUAL(explorer->find(id).result.message, "");
  says(explorer->find(id).result.data_json, address_of_this_test());
  BOOST_CHECK(!std::filesystem::exists(node.data_dir() + "/zdb/user"));
  BOOST_CHECK_EQUAL(says_to(id, "open sesame"), "OK");
  BOOST_CHECK(says_to(id, "another") != "OK");
  const auto server = servers().look("user").pid;
  const auto first = worker();
  ::kill(first, SIGKILL);
  // The next looks after it without having been asked for anything.
  BOOST_REQUIRE(eventually([&] { return worker() != first && worker() != 0; }));
  BOOST_CHECK_EQUAL(servers().look("user").pid, server);
  ::kill(server, SIGKILL);
  BOOST_CHECK_MESSAGE(eventually([&] {
                        const auto now = servers().look("user").pid;
                        return now != 0 && now != server
                               && says_to(id, "open sesame") == "OK";
                      }),
                      storage.log());
  explorer->cancel(id);
  BOOST_CHECK(eventually([&] { return servers().ids().value().empty(); }));
  BOOST_CHECK((node.log() + storage.log()).find("sesame") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_host_that_cannot_serve_says_why, two_hosts_with_zdb) {
  storage_settings = {};
  start();
  BOOST_CHECK_MESSAGE(eventually([&] {
                        return node.log().find("worker for zdb cannot serve: "
                                               "zdb.listen is not set")
                               != std::string::npos;
                      }),
                      node.log());
}

BOOST_AUTO_TEST_CASE(what_is_bound_to_its_daemons_host_is_not_offered) {
  storage_settings = {};
  const auto conf
    = storage.write("worker.toml", "[node]\ndata_dir = \"" + storage.data_dir()
                                     + "\"\n[workers]\nlisten = "
                                       "\"127.0.0.1:0\"\ndaemon = "
                                       "\"node-1.example\"\n"
                                     + files_of(storage));
  const auto refused = run({"worker", "--type", "container", "--config", conf});
  BOOST_CHECK_EQUAL(refused.code, 2);
  says(refused.err, "container is bound to the host of its daemon");
  says(refused.err, "provisioners.isolate");
}

BOOST_AUTO_TEST_CASE(two_offers_for_one_folder_are_refused) {
  start_storage();
  const auto second = run(
    {"worker", "--type", "volume", "--config", storage.file("worker.toml")});
  BOOST_CHECK_EQUAL(second.code, 1);
  says(second.err,
       "the worker's folder " + storage.data_dir() + " is in use by process");
}

BOOST_AUTO_TEST_CASE(a_key_that_others_may_read_is_refused) {
  ::chmod(node.file("own.key").c_str(), 0644);
  port = 7443;
  const auto conf
    = node.configure(explorer->url(), "[workers]\nvolume = \"127.0.0.1:7443\"\n"
                                        + files_of(node));
  const auto refused = run({"run", "--config", conf});
  BOOST_CHECK(refused.code != 0);
  says(refused.err, node.file("own.key"));
}

BOOST_AUTO_TEST_SUITE_END()
