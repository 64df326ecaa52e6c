#include "backends/host/host_zdb_backend.hpp"

#include <atomic>
#include <thread>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "tests/backends/figures.hpp"
#include "tests/backends/listed.hpp"
#include "tests/backends/zdb_host.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_zdb_backend_test)

namespace {

using state = process_facts::state;
using workloads::zdb_mode;

constexpr auto is_private = "Namespace protected and private";
constexpr auto is_read_only = "Namespace is in read-only mode";

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void made(const expected<zdb_place>& place) {
  BOOST_REQUIRE_MESSAGE(place, (place ? "" : place.error().message));
}

void refused(const expected<zdb_place>& place, errc code,
             const std::string& why) {
  BOOST_REQUIRE(!place);
  BOOST_TEST_INFO(to_string(place.error()));
  BOOST_CHECK(place.error().code == code);
  BOOST_CHECK(holds(place.error().message, why));
}

void made(const error& failed) {
  BOOST_REQUIRE_EQUAL(why_not(failed), "");
}

/// A conversation with the server of mode user as its admin.
zdb_admin ruler_of(const host_zdb_backend& backend) {
  const auto folder = backend.processes().folder_of("user");
  auto ruler = zdb_admin::connect(folder + "/run/admin.sock",
                                  secret{shim::read_small(folder + "/admin")},
                                  std::chrono::seconds{5});
  BOOST_REQUIRE(ruler);
  return std::move(*ruler);
}

int parent_of(int pid) {
  const auto facts
    = shim::read_small("/proc/" + std::to_string(pid) + "/status");
  const auto at = facts.find("\nPPid:");
  return at == std::string::npos ? 0 : std::stoi(facts.substr(at + 6));
}

/// Keeps a port busy.
struct squatter {
  explicit squatter(std::uint16_t port) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    ::inet_pton(AF_INET, address_of_this_test().c_str(), &name.sin_addr);
    BOOST_REQUIRE_EQUAL(::bind(socket.number(),
                               reinterpret_cast<const sockaddr*>(&name),
                               sizeof name),
                        0);
    BOOST_REQUIRE_EQUAL(::listen(socket.number(), 1), 0);
  }

  file_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

} // namespace

BOOST_FIXTURE_TEST_CASE(makes_a_namespace_behind_its_password, zdb_host) {
  const auto backend = open();
  BOOST_CHECK(backend->inspect("101-1").state == presence::absent);
  const auto place = backend->ensure(order());
  made(place);
  BOOST_REQUIRE_EQUAL(place->addresses.size(), 1);
  BOOST_CHECK_EQUAL(place->addresses[0], address_of_this_test());
  BOOST_CHECK_EQUAL(place->port, 9900);
  const auto facts = backend->inspect("101-1");
  BOOST_CHECK_MESSAGE(facts.state == presence::present, facts.reason);
  BOOST_CHECK_EQUAL(facts.size_bytes, 1U << 20U);
  BOOST_CHECK(facts.has_password);
  BOOST_CHECK(!facts.is_public);
  zdb_client user{place->port};
  BOOST_CHECK_EQUAL(user.says({"SELECT", "101-1"}), is_private);
  BOOST_CHECK_EQUAL(user.says({"SELECT", "101-1", "guess"}), "Access denied");
  BOOST_CHECK_EQUAL(user.says({"SELECT", "101-1", "open sesame"}), "OK");
  BOOST_CHECK_EQUAL(user.says({"SET", "key", "value"}), "key");
  BOOST_CHECK_EQUAL(user.says({"GET", "key"}), "value");
  BOOST_CHECK_EQUAL(backend->inspect("101-1").used_bytes, 5);
}

BOOST_FIXTURE_TEST_CASE(a_public_one_is_read_by_all_and_written_by_its_owner,
                        zdb_host) {
  const auto backend = open();
  auto wanted = order();
  wanted.is_public = true;
  made(backend->ensure(wanted));
  zdb_client stranger{9900};
  BOOST_CHECK_EQUAL(stranger.says({"SELECT", "101-1"}), "OK");
  BOOST_CHECK_EQUAL(stranger.says({"SET", "key", "value"}), is_read_only);
}

BOOST_FIXTURE_TEST_CASE(lets_nobody_but_the_node_rule_the_server, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  zdb_client stranger{9900};
  BOOST_CHECK_EQUAL(stranger.says({"SET", "key", "value"}), is_read_only);
  BOOST_CHECK_EQUAL(stranger.says({"NSNEW", "mine"}), "Permission denied");
  BOOST_CHECK_EQUAL(stranger.says({"NSDEL", "101-1"}), "Permission denied");
  BOOST_CHECK_EQUAL(stranger.says({"NSSET", "101-1", "password", "*"}),
                    "Permission denied");
}

BOOST_FIXTURE_TEST_CASE(no_moment_leaves_a_new_one_open, zdb_host) {
  const auto backend = open();
  // So that the server stays.
  made(backend->ensure(order("102-1")));
  std::atomic<bool> is_over{false};
  std::atomic<int> tries{0};
  std::atomic<int> entered{0};
  std::thread thief{[&] {
    zdb_client client{9900};
    while (!is_over) {
      entered += client.says({"SELECT", "101-1"}) == "OK" ? 1 : 0;
      ++tries;
    }
  }};
  BOOST_CHECK(eventually([&] { return tries > 0; }));
  bool all_well = true;
  for (int round = 0; round < 50; ++round) {
    const int before = tries;
    all_well
      = all_well && backend->ensure(order()) && !backend->destroy("101-1");
    eventually([&] { return tries > before; });
  }
  is_over = true;
  thief.join();
  BOOST_CHECK(all_well);
  BOOST_CHECK_EQUAL(entered, 0);
}

BOOST_FIXTURE_TEST_CASE(changes_one_in_place_and_keeps_what_it_holds,
                        zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  zdb_client user{9900};
  user.says({"SELECT", "101-1", "open sesame"});
  BOOST_CHECK_EQUAL(user.says({"SET", "key", "value"}), "key");
  auto other = order();
  other.size_bytes = 2U << 20U;
  other.password = secret{"another"};
  other.is_public = true;
  made(backend->ensure(other));
  auto facts = backend->inspect("101-1");
  BOOST_CHECK_EQUAL(facts.size_bytes, 2U << 20U);
  BOOST_CHECK(facts.is_public);
  zdb_client again{9900};
  BOOST_CHECK_EQUAL(again.says({"SELECT", "101-1", "open sesame"}),
                    "Access denied");
  BOOST_CHECK_EQUAL(again.says({"SELECT", "101-1", "another"}), "OK");
  BOOST_CHECK_EQUAL(again.says({"GET", "key"}), "value");
  other.password = secret{};
  other.size_bytes = 1U << 20U;
  made(backend->ensure(other));
  facts = backend->inspect("101-1");
  BOOST_CHECK_EQUAL(facts.size_bytes, 1U << 20U);
  BOOST_CHECK(!facts.has_password);
}

BOOST_FIXTURE_TEST_CASE(is_full_at_its_size_and_not_shrunk_below_its_content,
                        zdb_host) {
  const auto backend = open();
  auto small = order();
  small.size_bytes = 100;
  made(backend->ensure(small));
  zdb_client user{9900};
  user.says({"SELECT", "101-1", "open sesame"});
  BOOST_CHECK_EQUAL(user.says({"SET", "a", std::string(60, 'x')}), "a");
  BOOST_CHECK_EQUAL(user.says({"SET", "b", std::string(60, 'x')}),
                    "No space left on this namespace");
  small.size_bytes = 50;
  refused(backend->ensure(small), errc::invalid_reservation, "60 in use");
  BOOST_CHECK_EQUAL(backend->inspect("101-1").size_bytes, 100);
}

BOOST_FIXTURE_TEST_CASE(refuses_what_a_server_cannot_keep, zdb_host) {
  const auto backend = open();
  const auto refuses = [&](auto change, const std::string& why) {
    auto wrong = order();
    change(wrong);
    refused(backend->ensure(wrong), errc::invalid_reservation, why);
  };
  refuses([](auto& one) { one.id = "default"; }, "cannot name a namespace");
  refuses([](auto& one) { one.id = "../up"; }, "cannot name a namespace");
  refuses([](auto& one) { one.size_bytes = 0; }, "no size");
  // Each would leave it without the password that its owner thinks it has.
  refuses([](auto& one) { one.password = secret{"*"}; }, "password");
  refuses([](auto& one) { one.password = secret{std::string("a\0b", 3)}; },
          "password");
  refuses([](auto& one) { one.password = secret{std::string(64, 'x')}; },
          "password: is longer than the 63 bytes");
  BOOST_CHECK_EQUAL(traces(), "");
  auto longest = order();
  longest.password = secret{std::string(63, 'x')};
  made(backend->ensure(longest));
  refuses([](auto& one) { one.mode = zdb_mode::seq; },
          "is there already, of mode user");
}

BOOST_FIXTURE_TEST_CASE(each_mode_has_a_server_that_goes_with_its_last_one,
                        zdb_host) {
  const auto backend = open();
  made(backend->ensure(order("101-1")));
  made(backend->ensure(order("102-1")));
  auto sequential = order("103-1");
  sequential.mode = zdb_mode::seq;
  const auto place = backend->ensure(sequential);
  made(place);
  BOOST_CHECK_EQUAL(place->port, 9901);
  BOOST_CHECK_EQUAL(backend->processes().ids().value().size(), 2);
  BOOST_CHECK_EQUAL(why_not(backend->destroy("103-1")), "");
  BOOST_CHECK(backend->processes().look("seq").is == state::absent);
  BOOST_CHECK_EQUAL(why_not(backend->destroy("101-1")), "");
  BOOST_CHECK(backend->processes().look("user").is == state::running);
  BOOST_CHECK(backend->inspect("102-1").state == presence::present);
  BOOST_CHECK_EQUAL(why_not(backend->destroy("101-1")), "");
  BOOST_CHECK_EQUAL(why_not(backend->destroy("102-1")), "");
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(outlives_the_daemon_and_is_recognised, zdb_host) {
  made(open()->ensure(order()));
  const auto before = open()->processes().look("user").pid;
  BOOST_CHECK_GT(before, 0);
  const auto again = open();
  BOOST_CHECK_EQUAL(again->restore("user").value(), false);
  BOOST_CHECK(again->inspect("101-1").state == presence::present);
  made(again->ensure(order()));
  BOOST_CHECK_EQUAL(again->processes().look("user").pid, before);
}

BOOST_FIXTURE_TEST_CASE(is_started_again_when_its_server_dies, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  for (int death = 1; death <= 5; ++death) {
    const auto before = backend->processes().look("user").pid;
    BOOST_REQUIRE_EQUAL(::kill(before, SIGKILL), 0);
    BOOST_CHECK(eventually([&] {
      const auto pid = backend->processes().look("user").pid;
      return pid > 0 && pid != before
             && backend->inspect("101-1").state == presence::present;
    }));
  }
  zdb_client user{9900};
  BOOST_CHECK_EQUAL(user.says({"SELECT", "101-1", "open sesame"}), "OK");
}

BOOST_FIXTURE_TEST_CASE(comes_back_after_a_reboot_or_the_death_of_its_shim,
                        zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  // As a reboot of the host does.
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("user")), "");
  BOOST_CHECK(backend->inspect("101-1").state == presence::partial);
  BOOST_CHECK_EQUAL(backend->restore("user").value(), true);
  BOOST_CHECK(backend->inspect("101-1").state == presence::present);
  const auto shim = parent_of(backend->processes().look("user").pid);
  BOOST_REQUIRE_EQUAL(::kill(shim, SIGKILL), 0);
  BOOST_CHECK(eventually(
    [&] { return backend->processes().look("user").is == state::unattended; }));
  BOOST_CHECK_EQUAL(backend->restore("user").value(), true);
  BOOST_CHECK(backend->inspect("101-1").state == presence::present);
}

BOOST_FIXTURE_TEST_CASE(a_half_made_one_is_closed_and_finished, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  // As if the node had died before the password was set.
  auto ruler = ruler_of(*backend);
  BOOST_REQUIRE_EQUAL(why_not(ruler.remove("101-1")), "");
  BOOST_CHECK(backend->inspect("101-1").state == presence::partial);
  auto bare = order();
  bare.password = secret{};
  bare.is_public = true;
  bare.size_bytes = 1;
  BOOST_REQUIRE_EQUAL(why_not(ruler.create(bare)), "");
  made(backend->ensure(order()));
  const auto facts = backend->inspect("101-1");
  BOOST_CHECK(facts.has_password);
  BOOST_CHECK(!facts.is_public);
  BOOST_CHECK_EQUAL(facts.size_bytes, 1U << 20U);
}

BOOST_FIXTURE_TEST_CASE(one_that_is_found_without_a_note_keeps_its_content,
                        zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  made(backend->ensure(order("102-1")));
  zdb_client user{9900};
  user.says({"SELECT", "101-1", "open sesame"});
  BOOST_CHECK_EQUAL(user.says({"SET", "key", "value"}), "key");
  std::filesystem::remove(backend->processes().folder_of("user")
                          + "/names/101-1");
  auto too_small = order();
  too_small.size_bytes = 1;
  refused(backend->ensure(too_small), errc::invalid_reservation, "in use");
  made(backend->ensure(order()));
  BOOST_CHECK_EQUAL(user.says({"GET", "key"}), "value");
}

BOOST_FIXTURE_TEST_CASE(a_new_configuration_takes_hold_at_the_next_start,
                        zdb_host) {
  made(open()->ensure(order()));
  auto changed = options();
  changed.port = 9910;
  const auto backend = open(changed);
  // The keeper's part.
  BOOST_CHECK_EQUAL(backend->restore("user").value(), true);
  BOOST_CHECK_EQUAL(backend->ensure(order())->port, 9910);
  zdb_client user{9910};
  BOOST_CHECK_EQUAL(user.says({"SELECT", "101-1", "open sesame"}), "OK");
}

BOOST_FIXTURE_TEST_CASE(says_why_a_server_does_not_start, zdb_host) {
  const squatter other{9900};
  auto hasty = options();
  hasty.start_patience = std::chrono::milliseconds{300};
  const auto backend = open(hasty);
  refused(backend->ensure(order()), errc::host_unavailable,
          "the 0-db server user does not answer");
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(a_server_that_fails_costs_no_namespace_its_content,
                        zdb_host) {
  auto hasty = options();
  hasty.start_patience = std::chrono::milliseconds{300};
  const auto backend = open(hasty);
  made(backend->ensure(order()));
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("user")), "");
  {
    const squatter other{9900};
    const auto done = backend->ensure(order("102-1"));
    refused(done, errc::host_unavailable, "does not answer");
    BOOST_CHECK(!holds(done.error().message, "still there"));
    BOOST_CHECK(backend->inspect("102-1").state == presence::absent);
    BOOST_CHECK(backend->destroy("101-1").code == errc::host_unavailable);
  }
  // Its shim tries on.
  BOOST_CHECK(eventually(
    [&] { return backend->inspect("101-1").state == presence::present; }));
}

BOOST_FIXTURE_TEST_CASE(an_empty_server_never_takes_the_place_of_lost_data,
                        zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("user")), "");
  std::filesystem::rename(pool(), root + "/elsewhere");
  std::filesystem::create_directory(pool());
  const auto done = backend->restore("user");
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::host_unavailable);
  BOOST_CHECK(holds(done.error().message, "mount the pool's disk"));
  BOOST_CHECK(std::filesystem::is_empty(pool()));
  refused(backend->ensure(order("102-1")), errc::host_unavailable,
          "mount the pool's disk");
  std::filesystem::remove(pool());
  std::filesystem::rename(root + "/elsewhere", pool());
  BOOST_CHECK_EQUAL(backend->restore("user").value(), true);
  BOOST_CHECK(backend->inspect("101-1").state == presence::present);
}

BOOST_FIXTURE_TEST_CASE(keeps_its_secrets_to_root, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  const auto folder = backend->processes().folder_of("user");
  const auto others = [](const std::string& path) {
    return (std::filesystem::status(path).permissions()
            & std::filesystem::perms{077})
           != std::filesystem::perms::none;
  };
  BOOST_CHECK(!others(folder));
  BOOST_CHECK(!others(folder + "/admin"));
  BOOST_CHECK(!others(folder + "/spec"));
  BOOST_CHECK(!others(pool() + "/zdb+user"));
  const auto admin = shim::read_small(folder + "/admin");
  BOOST_CHECK_EQUAL(admin.size(), 32);
  const auto said = backend->processes().output("user", 100000);
  BOOST_CHECK(!holds(said, admin));
  // The password is nowhere but at the server.
  for (const auto& one :
       std::filesystem::recursive_directory_iterator{root + "/p"})
    BOOST_CHECK(!holds(shim::read_small(one.path().string()), "open sesame"));
  const auto pid
    = "/proc/" + std::to_string(backend->processes().look("user").pid);
  BOOST_CHECK(!holds(shim::read_small(pid + "/cmdline"), "open sesame"));
  if (::geteuid() == 0) {
    const auto status = shim::read_small(pid + "/status");
    BOOST_CHECK(holds(status, "CapEff:\t0000000000000000"));
    BOOST_CHECK(holds(status, "CapBnd:\t0000000000000000"));
    BOOST_CHECK(holds(status, "NoNewPrivs:\t1"));
  }
}

BOOST_FIXTURE_TEST_CASE(lists_what_it_serves_and_nothing_foreign, zdb_host) {
  const auto backend = open();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  made(backend->ensure(order("101-1")));
  made(backend->ensure(order("102-1")));
  auto sequential = order("103-1");
  sequential.mode = zdb_mode::seq;
  made(backend->ensure(sequential));
  // Somebody else's: a namespace, a file, and a folder beside the servers'.
  made(ruler_of(*backend).create(order("of-a-stranger")));
  std::ofstream{pool() + "/zdb+user/data/201-1"} << "a file";
  std::filesystem::create_directories(pool() + "/202-1");
  BOOST_CHECK_EQUAL(listed(*backend), "101-1 102-1 103-1 ");
  std::filesystem::remove(pool() + "/202-1");
  BOOST_CHECK_EQUAL(why_not(ruler_of(*backend).remove("of-a-stranger")), "");
}

BOOST_FIXTURE_TEST_CASE(lists_what_a_server_has_that_does_not_run, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("user")), "");
  BOOST_CHECK_EQUAL(listed(*backend), "101-1 ");
}

BOOST_FIXTURE_TEST_CASE(lists_and_removes_one_whose_note_is_lost, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order("101-1")));
  made(backend->ensure(order("102-1")));
  std::filesystem::remove(backend->processes().folder_of("user")
                          + "/names/101-1");
  BOOST_CHECK_EQUAL(listed(*backend), "101-1 102-1 ");
  BOOST_CHECK_EQUAL(why_not(backend->destroy("101-1")), "");
  BOOST_CHECK_EQUAL(listed(*backend), "102-1 ");
  BOOST_CHECK_EQUAL(zdb_client{9900}.says({"NSINFO", "101-1"}),
                    "Namespace not found");
  BOOST_CHECK(backend->inspect("102-1").state == presence::present);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_looked_at_is_no_empty_list, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("user")), "");
  const auto data = pool() + "/zdb+user";
  std::filesystem::rename(data, root + "/elsewhere");
  const auto missing = backend->list();
  BOOST_REQUIRE(!missing);
  BOOST_CHECK(missing.error().code == errc::host_unavailable);
  BOOST_CHECK(holds(missing.error().message, "mount the pool's disk"));
  // A file where a folder ought to be.
  std::filesystem::create_directory(data);
  std::ofstream{data + "/index"} << "garbage";
  BOOST_CHECK(!backend->list());
  std::filesystem::remove_all(data);
  std::filesystem::rename(root + "/elsewhere", data);
  BOOST_CHECK_EQUAL(listed(*backend), "101-1 ");
}

BOOST_FIXTURE_TEST_CASE(recovers_from_a_crash_at_every_step, zdb_host) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 30);
    BOOST_TEST_CONTEXT("broken off after " << passed << " steps") {
      steps counted{passed};
      const auto first = open(counted.hook())->ensure(order());
      const auto second = open();
      made(second->ensure(order()));
      const auto facts = second->inspect("101-1");
      BOOST_CHECK_MESSAGE(facts.state == presence::present, facts.reason);
      BOOST_CHECK(facts.has_password);
      steps left{passed};
      const auto stuck = open(left.hook())->destroy("101-1");
      BOOST_REQUIRE_EQUAL(why_not(second->destroy("101-1")), "");
      BOOST_CHECK(second->inspect("101-1").state == presence::absent);
      BOOST_CHECK_EQUAL(traces(), "");
      if (first && !stuck)
        return;
    }
  }
}

// Figures for docs/zdb.md; not run with the rest.
BOOST_FIXTURE_TEST_CASE(costs_little_more_than_the_tools_alone, zdb_host,
                        *boost::unit_test::precondition(figures_are_wanted)) {
  const auto backend = open();
  const auto ways = [&](std::string make, std::string remove) -> both_ways {
    const auto arguments = std::vector<std::string>{
      options().tools.server, root, "102-1", address_of_this_test()};
    return {.make = [&] { made(backend->ensure(order("101-1"))); },
            .remove = [&] { made(backend->destroy("101-1")); },
            .make_by_hand = [=] { by_shell(make, arguments); },
            .remove_by_hand = [=] { by_shell(remove, arguments); }};
  };
  const auto shell = std::string{shell_of_places} + R"(
server=$1 place=$2/hand name=$3 address=$4
ask() { redis-cli -s $place/admin.sock "$@" >/dev/null; }
new_namespace() {
  echo "AUTH secret
NSNEW $name
NSSET $name maxsize 1048576
NSSET $name password sesame
NSSET $name public 0" | ask
  : >$place/names-$name
  sync $place/names-$name
}
start_server() {
  mkdir -p $place/data $place/index
  make_groups zdb 536870912 100000
  (enter_groups zdb; exec setsid $server --data $place/data \
    --index $place/index --mode user --socket $place/admin.sock \
    --admin secret --protect --listen $address --port 9950 --dualnet \
    >$place/log 2>&1 & echo $! >$place/pid)
  until ask PING 2>/dev/null; do :; done
}
stop_server() {
  kill $(cat $place/pid)
  while kill -0 $(cat $place/pid) 2>/dev/null; do :; done
  remove_groups zdb
  rm -r $place
}
)";
  compare("namespace with its server",
          ways(shell + "start_server; new_namespace",
               shell + "ask NSDEL $name; stop_server"));
  // At a server that runs for another's sake.
  made(backend->ensure(order("103-1")));
  const auto arguments = std::vector<std::string>{
    options().tools.server, root, "102-1", address_of_this_test()};
  by_shell(shell + "start_server", arguments);
  compare("namespace at a running server",
          ways(shell + "new_namespace",
               shell
                 + "printf 'AUTH secret\\nNSDEL %s\\n' $name | ask; rm "
                   "$place/names-$name; sync $place"));
  by_shell(shell + "stop_server", arguments);
}

BOOST_AUTO_TEST_SUITE_END()
