#include <atomic>
#include <thread>

#include "tests/backends/figures.hpp"
#include "tests/backends/listed.hpp"
#include "tests/backends/zdb_under_test.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_zdb_backend_test)

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
