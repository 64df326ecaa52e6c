#include "backends/host/network_keeper.hpp"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>

#include "tests/backends/network_host.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(network_keeper_test,
                      *boost::unit_test::precondition(networks_are_possible))

namespace {

/// Counts what the keeper says.
class listener {
public:
  network_keeper::listener function() {
    return [this](const std::string&, const error& failure) {
      const std::lock_guard lock{mutex_};
      ++(failure ? failures_ : restored_);
      changed_.notify_all();
    };
  }

  bool hears_restored(int count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{20},
                             [&] { return restored_ >= count; });
  }

  bool hears_failure() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{20},
                             [&] { return failures_ > 0; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int restored_ = 0;
  int failures_ = 0;
};

struct keeper_fixture : network_host {
  tunnel_keys keys;
  network_order order{.id = "blue",
                      .user_id = "7",
                      .holder = "104-1",
                      .resource = a_resource(keys)};
  std::unique_ptr<host_network_backend> a = open("a").value();
  listener heard;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(brings_back_at_the_start_what_a_reboot_took,
                        keeper_fixture) {
  BOOST_REQUIRE(!a->ensure(order));
  ip({"netns", "delete", names("a").router});
  if (const auto process = a->helper("blue").value(); process != 0)
    ::kill(process, SIGKILL);
  const auto keeper = network_keeper::start(*a, heard.function());
  BOOST_REQUIRE(keeper);
  BOOST_CHECK(heard.hears_restored(1));
  BOOST_CHECK(a->inspect("blue").state == presence::present);
  BOOST_CHECK(!a->destroy("blue", "104-1"));
}

BOOST_FIXTURE_TEST_CASE(starts_a_tunnels_process_anew_when_it_dies,
                        keeper_fixture) {
  const auto keeper = network_keeper::start(*a, heard.function());
  BOOST_REQUIRE(keeper);
  // Made after the keeper began to watch.
  BOOST_REQUIRE(!a->ensure(order));
  if (a->needs_helpers())
    for (int death = 1; death <= 2; ++death) {
      const auto process = a->helper("blue").value();
      BOOST_REQUIRE_NE(process, 0);
      ::kill(process, SIGKILL);
      BOOST_REQUIRE(heard.hears_restored(death));
      BOOST_CHECK(a->inspect("blue").state == presence::present);
      BOOST_CHECK_NE(a->helper("blue").value(), process);
    }
  BOOST_CHECK(!a->destroy("blue", "104-1"));
}

BOOST_FIXTURE_TEST_CASE(tries_again_what_cannot_be_restored, keeper_fixture) {
  BOOST_REQUIRE(!a->ensure(order));
  ip({"netns", "delete", names("a").router});
  // Somebody has the name meanwhile.
  ip({"netns", "add", names("a").router});
  ip({"-n", names("a").router, "link", "add", "br0", "type", "bridge"});
  ip({"-n", names("a").router, "link", "set", "br0", "alias", "foreign"});
  const auto keeper = network_keeper::start(*a, heard.function());
  BOOST_REQUIRE(keeper);
  BOOST_CHECK(heard.hears_failure());
  ip({"netns", "delete", names("a").router});
  BOOST_CHECK(heard.hears_restored(1));
  BOOST_CHECK(a->inspect("blue").state == presence::present);
  BOOST_CHECK(!a->destroy("blue", "104-1"));
}

BOOST_AUTO_TEST_SUITE_END()
