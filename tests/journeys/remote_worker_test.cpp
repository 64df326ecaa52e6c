#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/journeys/processes.hpp"
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
      "worker.toml", "[node]\ndata_dir = \"" + storage.data_dir()
                       + "\"\n[volumes]\ntechnique = \"directory\"\n[workers]\n"
                         "listen = \"127.0.0.1:"
                       + std::to_string(port)
                       + "\"\ndaemon = \"node-1.example\"\n"
                       + files_of(storage));
    storage.start({"worker", "--type", "volume", "--config", conf});
    BOOST_REQUIRE_MESSAGE(storage.hears("READY=1"), storage.log());
    const auto log = storage.log();
    const auto at = log.rfind("port=");
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, log);
    port = std::stoi(log.substr(at + 5));
  }

  void start_node(const std::string& more = {}) {
    const auto conf = node.configure(
      explorer->url(), "[workers]\nvolume = \"127.0.0.1:" + std::to_string(port)
                         + "\"\n" + files_of(node) + more);
    node.start({"run", "--config", conf});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
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
  std::unique_ptr<explorer_under_test> explorer = {};
};

/// Speaks something else than TLS.
void send_garbage(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE_EQUAL(
    ::connect(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  const std::string text = "GET / HTTP/1.1\r\n\r\n";
  BOOST_CHECK(::send(socket, text.data(), text.size(), MSG_NOSIGNAL) > 0);
  char answer[256];
  while (::recv(socket, answer, sizeof answer, 0) > 0) {
  }
  ::close(socket);
}

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

BOOST_AUTO_TEST_CASE(two_offers_for_one_folder_are_refused) {
  start_storage();
  const auto second = run(
    {"worker", "--type", "volume", "--config", storage.file("worker.toml")});
  BOOST_CHECK_EQUAL(second.code, 1);
  says(second.err, "another provisiond offers this folder's worker");
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
