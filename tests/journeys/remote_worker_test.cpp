#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "backends/host/file_descriptor.hpp"
#include "shim/small_file.hpp"
#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/journeys/processes.hpp"
#include "tests/journeys/sealed_by_user.hpp"
#include "tests/journeys/zdb_node.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace remote_worker_test {
namespace {

constexpr auto daemon_name = "DNS:node-1.example";
constexpr auto worker_name = "IP:127.0.0.1";

/// A daemon, and a host elsewhere that makes its volumes. Both are processes of
/// their own, with files of their own.
struct two_hosts {
  two_hosts() {
    auto made = run({"identity", "new", "--data-dir", node.data_dir()});
    BOOST_REQUIRE_EQUAL(made.code, 0);
    explorer = std::make_unique<explorer_under_test>(
      made.out.substr(0, made.out.find('\n')));
    issuer.write(storage.file("authority.pem"));
    issuer.write(node.file("authority.pem"));
    certify(storage, issuer, worker_name);
    certify(node, issuer, daemon_name);
  }

  static void certify(const node_process& whom, const authority& by,
                      const std::string& name) {
    const auto issued = by.issue(name);
    issued.write_certificate(whom.file("own.pem"));
    issued.write_key(whom.file("own.key"));
  }

  static std::string files_of(const node_process& whom) {
    return "certificate = \"" + whom.file("own.pem") + "\"\nkey = \""
           + whom.file("own.key") + "\"\nauthority = \""
           + whom.file("authority.pem") + "\"\n";
  }

  void start_storage() {
    const auto conf = storage.write(
      "worker.toml",
      "[node]\ndata_dir = \"" + storage.data_dir()
        + "\"\n[volumes]\ntechnique = \"directory\"\n" + storage_settings
        + "[workers]\n"
          "listen = \"127.0.0.1:"
        + std::to_string(port) + "\"\ndaemon = \"node-1.example\"\n"
        + files_of(storage));
    storage.start({"worker", "--type", type, "--config", conf});
    BOOST_REQUIRE_MESSAGE(storage.hears("READY=1"), storage.log());
    const auto log = storage.log();
    const auto at = log.rfind("port=");
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, log);
    port = std::stoi(log.substr(at + 5));
  }

  void start_node(const std::string& more = {}) {
    const auto conf
      = node.configure(explorer->url(), "[workers]\n" + type + " = \"127.0.0.1:"
                                          + std::to_string(port) + "\"\n"
                                          + files_of(node) + more);
    if (disk_turns)
      make_disk_turn();
    node.start({"run", "--config", conf});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  /// The disk of the other host does, as its operator says here.
  void make_disk_turn() const {
    auto text = shim::read_small(node.file("node.conf"));
    for (const auto& [from, to] :
         {std::pair{"sru = ", "hru = "},
          {"technique = ", "disk = \"hdd\"\ntechnique = "}})
      text.replace(text.find(from), std::string{from}.size(), to);
    node.write("node.conf", text);
  }

  void start() {
    start_storage();
    start_node();
  }

  std::string folder(std::int64_t id) const {
    return storage.data_dir() + "/volumes/" + gwid(id);
  }

  bool answered(std::int64_t id) const {
    return explorer->find(id).result.workload_id == gwid(id);
  }

  std::int64_t make_one() {
    const auto id = explorer->create(explorer->volume());
    BOOST_REQUIRE_MESSAGE(eventually([&] { return answered(id); }),
                          node.log() + storage.log());
    BOOST_CHECK_EQUAL(explorer->find(id).result.message, "");
    BOOST_CHECK(std::filesystem::is_directory(folder(id)));
    return id;
  }

  pid_t worker() const {
    for (const auto& child : children_of(storage.pid()))
      if (child.state != 'Z')
        return child.pid;
    return 0;
  }

  node_process node = {};
  node_process storage = {};
  authority issuer = {};
  int port = 0;
  std::string type = "volume";
  std::string storage_settings = {};
  bool disk_turns = false;
  std::unique_ptr<explorer_under_test> explorer = {};
};

file_descriptor knock(int port) {
  file_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE_EQUAL(::connect(socket.number(),
                                reinterpret_cast<const sockaddr*>(&at),
                                sizeof at),
                      0);
  return socket;
}

/// Whether nobody has closed the other end.
bool is_open(const file_descriptor& socket) {
  char byte = 0;
  return ::recv(socket.number(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/// Speaks something else than TLS.
void send_garbage(int port) {
  const auto stranger = knock(port);
  const auto socket = stranger.number();
  const std::string text = "GET / HTTP/1.1\r\n\r\n";
  BOOST_CHECK(::send(socket, text.data(), text.size(), MSG_NOSIGNAL) > 0);
  char answer[256];
  while (::recv(socket, answer, sizeof answer, 0) > 0) {
  }
}

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

BOOST_AUTO_TEST_CASE(a_daemon_without_the_right_certificate_gets_no_worker) {
  start_storage();
  const authority stranger;
  for (const auto& [by, name] :
       {std::pair{&stranger, daemon_name},
        std::pair{static_cast<const authority*>(&issuer),
                  "DNS:node-2.example"}}) {
    certify(node, *by, name);
    start_node();
    const auto waits = explorer->create(explorer->volume());
    BOOST_REQUIRE(eventually([&] {
      return storage.log().find("turned away: 127.0.0.1 failed the TLS "
                                "handshake: certificate verify failed")
             != std::string::npos;
    }));
    BOOST_CHECK_EQUAL(worker(), 0);
    BOOST_CHECK(!answered(waits));
    node.signal(SIGKILL);
    BOOST_REQUIRE(node.wait());
    storage.signal(SIGKILL);
    BOOST_REQUIRE(storage.wait());
    start_storage();
  }
}

BOOST_AUTO_TEST_CASE(a_worker_without_the_right_certificate_gets_no_work) {
  const authority stranger;
  for (const auto& [by, name, verdict] :
       {std::tuple{&stranger, worker_name, "certificate verify failed"},
        std::tuple{static_cast<const authority*>(&issuer), "IP:127.0.0.2",
                   "mismatch"}}) {
    certify(storage, *by, name);
    start();
    const auto waits = explorer->create(explorer->volume());
    BOOST_REQUIRE(eventually([&] {
      return node.log().find("failed the TLS handshake") != std::string::npos;
    }));
    says(node.log(), verdict);
    BOOST_CHECK(!answered(waits));
    BOOST_CHECK(!std::filesystem::exists(folder(waits)));
    for (auto* one : {&node, &storage}) {
      one->signal(SIGKILL);
      BOOST_REQUIRE(one->wait());
    }
  }
}

BOOST_AUTO_TEST_CASE(strangers_do_not_disturb_the_work) {
  start();
  make_one();
  const auto served = worker();
  for (int i = 0; i < 20; ++i)
    send_garbage(port);
  make_one();
  BOOST_CHECK_EQUAL(worker(), served);
}

BOOST_AUTO_TEST_CASE(silent_strangers_do_not_keep_the_daemon_out) {
  start_storage();
  std::vector<file_descriptor> strangers;
  for (int i = 0; i < 40; ++i)
    strangers.push_back(knock(port));
  start_node();
  make_one();
  // It did not wait until they had to go: most who find room are still there.
  BOOST_CHECK_EQUAL(std::ranges::count_if(strangers, is_open), 15);
  BOOST_CHECK(!is_open(strangers.front()));
  BOOST_CHECK(is_open(strangers.back()));
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
