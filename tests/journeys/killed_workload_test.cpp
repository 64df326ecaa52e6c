#include <boost/test/unit_test.hpp>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/journeys/container_node.hpp"
#include "tests/journeys/machine_node.hpp"
#include "tests/journeys/workload_town.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace killed_workload_test {
namespace {

/// A trace by which it is told how far a call has come.
struct moment {
  std::string what;
  std::function<bool()> has_come;
};
using moments = std::vector<moment>;

/// The rest is the same for containers and for machines.
struct mortal_town : workload_town {
  using workload_town::workload_town;

  /// Orders a workload that answers at this address.
  virtual void order_at(const std::string& address) = 0;
  /// Names of the processes that are one workload.
  virtual std::string one() const = 0;
  /// What it says who asks for the first time since it was made.
  virtual std::string words() const = 0;
  virtual moments of_making(std::int64_t id) const = 0;
  virtual std::chrono::milliseconds usual_time() const = 0;

  /// Both kinds are taken down by the same steps.
  moments of_removing(std::int64_t id) const {
    return {
      {"asked for", [=, this] { return is_at_work_on(id); }},
      {"told to end", [=, this] { return is_there(place(id) + "/exit"); }},
      {"has ended", [=, this] { return !has_group(id); }},
      {"has no network", [=, this] { return !is_there(space(id)); }},
      {"has no disk", [=, this] { return !is_there(disk(id)); }},
      {"has no folder", [=, this] { return !is_there(place(id)); }}};
  }

  /// A daemon with a network, and the id of a workload that was ordered of it.
  std::int64_t begin() {
    launch();
    const bool ready = node.hears("READY=1");
    BOOST_REQUIRE_MESSAGE(ready, node.log());
    order_network();
    is_told_all();
    BOOST_REQUIRE_MESSAGE(runs(created.back()), node.log());
    return order_next();
  }

  std::int64_t order_next() {
    addresses.push_back(next_address());
    order_at(addresses.back());
    return created.back();
  }

  /// Kills the daemon as soon as each of these has come, and leaves the next
  /// one at its work. How often that was in the middle of the call.
  int die_at_each(const moments& all, std::int64_t id) {
    int in_call = 0;
    for (const auto& [what, has_come] : all) {
      BOOST_TEST_INFO("killed when the workload " << what);
      const bool came = eventually(has_come);
      BOOST_REQUIRE_MESSAGE(came, node.log());
      const bool hit = die(id);
      in_call += hit ? 1 : 0;
      BOOST_TEST_MESSAGE(what << (hit ? "" : ": too late"));
      launch();
    }
    return in_call;
  }

  /// The same at moments by chance.
  int die_at_random(std::int64_t id, const std::string& word) {
    int in_call = 0;
    for (int death = 0; death < deaths && !is_told(word + gwid(id)); ++death) {
      const bool began = eventually(
        [&] { return is_at_work_on(id) || is_told(word + gwid(id)); });
      BOOST_REQUIRE_MESSAGE(began, node.log());
      // The first time at once: what comes later may find the call over.
      const auto pause = death == 0 ? 0 : random() % usual_time().count();
      stays([] { return true; }, std::chrono::milliseconds{pause});
      in_call += die(id) ? 1 : 0;
      launch();
    }
    return in_call;
  }

  /// There is one of it, and it works.
  void check_at_work(std::int64_t id, const std::string& address) {
    BOOST_REQUIRE_MESSAGE(runs(id), node.log());
    const bool works
      = eventually([&] { return greeting(address, names.router) == words(); },
                   machine_patience);
    BOOST_CHECK_MESSAGE(works, greeting(address, names.router).value_or("")
                                 << processes().output(gwid(id), 100000)
                                 << node.log());
    BOOST_CHECK(eventually([&] { return members(id) == one(); }));
    BOOST_CHECK_EQUAL(members(id), one());
    BOOST_CHECK_EQUAL(shims(id), 1);
    BOOST_CHECK_EQUAL(processes().look(gwid(id)).restarts, 0U);
  }

  /// The last part by a daemon that had no part in it all.
  void check_books() {
    is_told_all();
    stop_when_ready();
    check_results(*explorer);
    check_store(node.data_dir() + "/store", explorer->node_id());
    for (const auto id : cancelled)
      BOOST_CHECK_EQUAL(traces(id), "");
    launch();
    says(orphans(), R"("orphans":[])");
  }

  /// It does not hear SIGTERM before.
  void stop_when_ready() {
    BOOST_REQUIRE(node.hears("READY=1"));
    stop();
  }

  void end() {
    for (const auto id : live())
      cancel(id);
    is_told_all();
    stop_when_ready();
    BOOST_CHECK_EQUAL(traces(), "");
  }

  void die_at_each_step() {
    const auto id = begin();
    BOOST_CHECK_GT(die_at_each(of_making(id), id), 1);
    is_told_all();
    check_at_work(id, addresses.back());
    cancel(id);
    BOOST_CHECK_GT(die_at_each(of_removing(id), id), 1);
    check_books();
    end();
  }

  void die_by_chance() {
    BOOST_TEST_CONTEXT("JOURNEY_SEED=" << seed) {
      auto id = begin();
      int in_call = die_at_random(id, "result ");
      is_told_all();
      check_at_work(id, addresses.front());
      cancel(id);
      id = order_next();
      // The one goes while the other comes.
      in_call += die_at_random(created.at(1), "deleted ");
      in_call += die_at_random(id, "result ");
      is_told_all();
      check_at_work(id, addresses.back());
      check_books();
      BOOST_TEST_MESSAGE(in_call << " deaths in the middle of a call");
      BOOST_CHECK_GT(in_call, 0);
      end();
    }
  }

  std::uint64_t seed = chosen("JOURNEY_SEED", 20211122);
  int deaths = static_cast<int>(chosen("JOURNEY_KILLS", 4));
  std::mt19937_64 random{seed};
  std::vector<std::string> addresses = {};
};

/// Two processors for more containers than that.
struct container_town : mortal_town {
  container_town()
    : mortal_town{"containers", "/vol/", "",
                  "[capacity]\ncru = 64\n[volumes]\npool_image_size = "
                  "\"2GiB\"\n"} {
    BOOST_REQUIRE(!make_box_image(node.data_dir() + "/images/own"));
  }

  void order_at(const std::string& address) override {
    auto w = explorer->golden("container");
    auto& wanted = std::get<documents::container>(w.content);
    wanted.flist = "oci:box";
    wanted.entrypoint
      = "/bin/sh -c 'trap \"exit 0\" TERM; nc -ll -p 7777 -e echo $WORDS & "
        "wait'";
    wanted.environment = std::map<std::string, std::string>{{"WORDS", "hello"}};
    wanted.secret_environment = {};
    wanted.volumes = {};
    wanted.logs = {};
    wanted.stats = {};
    wanted.network_connection = {{{"net1", address_of(address)}}};
    wanted.capacity
      = {.cpu = 1, .memory = 1024, .disk_size = 64, .disk_type = 1};
    order(std::move(w));
  }

  static documents::ip_address address_of(const std::string& text) {
    return workloads::parse_ip(text).value();
  }

  std::string one() const override { return "nc sh"; }
  std::string words() const override { return "hello\n"; }
  std::chrono::milliseconds usual_time() const override { return 200ms; }

  moments of_making(std::int64_t id) const override {
    const auto has = [this, id](const char* file) {
      return [=, this] { return is_there(place(id) + file); };
    };
    return {
      {"is asked for", [=, this] { return is_at_work_on(id); }},
      {"has an image on its way",
       [=, this] { return is_there(node.data_dir() + "/images/incoming"); }},
      {"is noted", has("/order")},
      {"has a network", [=, this] { return is_there(space(id)); }},
      {"has a disk", [=, this] { return is_there(disk(id)); }},
      {"has a bundle", has("/bundle/config.json")},
      {"has a specification", has("/spec")},
      {"has a shim", has("/lock")},
      {"has a group", [=, this] { return has_group(id); }},
      {"is known to its shim", has("/state")}};
  }
};

struct machine_town : mortal_town {
  machine_town()
    : mortal_town{"machines", "/",
                  "[machines]\nimage_folder = \"" + test_guest().value()
                    + "\"\n",
                  "[capacity]\ncru = 64\nsru = \"1024TiB\"\n[volumes]\n"
                  "technique = \"directory\"\n"} {}

  void order_at(const std::string& address) override {
    auto w = explorer->golden("kubernetes");
    auto& wanted = std::get<documents::kubernetes>(w.content);
    wanted.size = 18;
    wanted.cluster_secret = sealed_by_user("open sesame", explorer->node_id());
    wanted.ipaddress = workloads::parse_ip(address).value();
    wanted.public_ip = 0;
    order(std::move(w));
  }

  std::string one() const override { return "qemu-system-x86"; }
  /// It counts on its disk how often it was started.
  std::string words() const override { return "hello from boot 1\n"; }
  std::chrono::milliseconds usual_time() const override { return 300ms; }

  moments of_making(std::int64_t id) const override {
    const auto has = [this, id](const char* file) {
      return [=, this] { return is_there(place(id) + file); };
    };
    return {{"is asked for", [=, this] { return is_at_work_on(id); }},
            {"is noted", has("/machine")},
            {"has a network", [=, this] { return is_there(space(id)); }},
            {"has a volume", [=, this] { return is_there(disk(id)); }},
            {"has a disk", [=, this] { return is_there(disk(id) + "/disk"); }},
            {"has a seed", has("/seed")},
            {"has a specification", has("/spec")},
            {"has a shim", has("/lock")},
            {"is known to its shim", has("/state")},
            {"has a monitor", has("/run/control")}};
  }
};

const boost::unit_test::precondition if_containers{containers_are_possible};
const boost::unit_test::precondition if_machines{machines_are_possible};

} // namespace
} // namespace killed_workload_test

BOOST_AUTO_TEST_SUITE(killed_workload_test)

BOOST_FIXTURE_TEST_CASE(a_daemon_dies_at_every_step_of_a_container,
                        container_town, *if_containers) {
  die_at_each_step();
}

BOOST_FIXTURE_TEST_CASE(a_daemon_dies_at_any_moment_of_a_container,
                        container_town, *if_containers) {
  die_by_chance();
}

BOOST_FIXTURE_TEST_CASE(a_daemon_dies_at_every_step_of_a_machine, machine_town,
                        *if_machines) {
  die_at_each_step();
}

BOOST_FIXTURE_TEST_CASE(a_daemon_dies_at_any_moment_of_a_machine, machine_town,
                        *if_machines) {
  die_by_chance();
}

BOOST_AUTO_TEST_SUITE_END()
