#include "backends/host/host_container_backend.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>

#include "backends/host/process_keeper.hpp"
#include "tests/backends/container_host.hpp"
#include "tests/backends/figures.hpp"
#include "tests/support/redis_double.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_container_backend_test,
                      *boost::unit_test::precondition(containers_are_possible))

namespace {

/// The same container by the tools alone: $1 a bundle for crun, $2 the image,
/// $3 the router's namespace, $4 the pool, $5 a name.
const auto make_by_hand = std::string{shell_of_places} + R"(
bundle=$1 image=$2 router=$3 pool=$4 name=$5
make_space $name $router
make_volume $name $pool 64M
mkdir $pool/$name/upper $pool/$name/work
chown 100000:100000 $pool/$name/upper
btrfs filesystem sync $pool
make_groups $name 67108864 100000
unshare -m sh -c "
  for kind in memory cpu pids; do
    echo \$\$ > /sys/fs/cgroup/\$kind/$group/$name/cgroup.procs
  done
  umount /sys/fs/cgroup/unified
  mount -t overlay -o lowerdir=$image,upperdir=$pool/$name/upper,workdir=$pool/$name/work overlay /mnt
  exec crun --root $bundle/state --cgroup-manager=disabled run --detach --bundle $bundle $name" <$bundle/config.json >$bundle/out 2>&1
)";
const auto remove_by_hand = std::string{shell_of_places} + R"(
bundle=$1 image=$2 router=$3 pool=$4 name=$5
crun --root $bundle/state --cgroup-manager=disabled delete --force $name
remove_space $name $router
remove_volume $name $pool
remove_groups $name
)";

bool contains(const std::string& text, const std::string& part) {
  BOOST_TEST_INFO("in: " << text);
  return text.find(part) != std::string::npos;
}

struct container_fixture : container_host {
  std::shared_ptr<output_forwarding> forwarding() const {
    auto made = output_forwarding::start(
      {.folder = workloads_folder(),
       .may_reach = [](const auto&) { return true; },
       .on_change = [](const auto&, auto, const auto&) {}});
    BOOST_REQUIRE(made);
    return std::move(*made);
  }

  static std::vector<output_target> outputs_at(std::uint16_t port) {
    const auto at = "redis://127.0.0.1:" + std::to_string(port);
    return {{output_stream::output, parse_redis_channel(at + "/out").value()},
            {output_stream::errors, parse_redis_channel(at + "/err").value()}};
  }

  bool says(const std::string& part, const std::string& id = "200-1") {
    const bool said
      = eventually([&] { return output(id).find(part) != std::string::npos; });
    BOOST_TEST_INFO("it said: " << output(id));
    return said;
  }

  bool is_over(host_container_backend& all, const std::string& id = "200-1") {
    return eventually(
      [&] { return all.inspect(id).state == presence::partial; });
  }

  /// A line of what the kernel says of its first process.
  std::string status(host_container_backend& all, const std::string& key) {
    const auto text = shim::read_small(
      "/proc/" + std::to_string(all.inspect("200-1").pid) + "/status");
    const auto at = text.find("\n" + key + ":");
    if (at == std::string::npos)
      return {};
    const auto from = text.find_first_not_of(" \t", at + key.size() + 2);
    return text.substr(from, text.find('\n', from) - from);
  }
};

/// Whether somebody at this address of a namespace takes a connection.
bool answers(const std::string& space, const std::string& address,
             std::uint16_t port) {
  bool taken = false;
  net_space::visit(space, [&] {
    const file_descriptor socket{
      ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    taken = ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&to),
                      sizeof to)
            == 0;
  });
  return taken;
}

/// Breaks `action` off at its first, second, ... step until it gets through.
void break_everywhere(
  container_fixture& host,
  const std::function<error(host_container_backend&)>& action,
  const std::function<void()>& afterwards,
  const std::function<void(host_container_options&)>& more = {}) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 30);
    int left = passed;
    auto options = host.options_for();
    options.before_step = [&](std::string_view step) -> error {
      if (left-- > 0)
        return {};
      return {errc::backend_failure, "broken off at " + std::string{step}};
    };
    if (more)
      more(options);
    const auto broken = action(
      *std::move(host_container_backend::open(std::move(options))).value());
    BOOST_TEST_CONTEXT("after " << passed << " steps: " << why_not(broken)) {
      afterwards();
    }
    if (!broken)
      return;
  }
}

} // namespace

BOOST_FIXTURE_TEST_CASE(runs_with_what_was_asked_for, container_fixture) {
  const auto volume = volumes->ensure("12-1", 32 * mebibyte);
  BOOST_REQUIRE_MESSAGE(volume, why(volume));
  auto wanted = order("env; id; hostname; ip -4 addr show eth0;"
                      "echo kept > /data/file; echo done;"
                      "while :; do echo hello | nc -l -p 7777; done");
  wanted.environment = {secret{"PLAIN=a b"}, secret{"PASSWORD=open sesame"}};
  wanted.volumes = {{"12-1", "/data"}};
  wanted.cpus = 2;
  const auto all = open();
  BOOST_CHECK(all->inspect("200-1").state == presence::absent);
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  BOOST_CHECK(all->inspect("200-1").state == presence::present);
  BOOST_REQUIRE(says("done"));
  const auto said = output();
  for (const auto* line :
       {"FROM_IMAGE=yes\n", "PLAIN=a b\n", "PASSWORD=open sesame\n",
        "uid=0 gid=0", "\n200-1\n", "inet 10.1.2.5/24"})
    BOOST_CHECK(contains(said, line));
  BOOST_CHECK_EQUAL(shim::read_small(*volume + "/file"), "kept\n");
  BOOST_CHECK(
    eventually([&] { return answers(names("a").router, "10.1.2.5", 7777); }));
  // The secret is in one file, for root alone.
  const auto file = folder + "/containers/200-1/bundle/config.json";
  BOOST_CHECK(std::filesystem::status(file).permissions()
              == (std::filesystem::perms::owner_read
                  | std::filesystem::perms::owner_write));
  BOOST_CHECK(
    !contains(shim::read_small(folder + "/containers/200-1/spec"), "sesame"));
  BOOST_CHECK(
    !contains(shim::read_small(folder + "/containers/200-1/order"), "sesame"));
  BOOST_REQUIRE_EQUAL(why_not(all->destroy("200-1")), "");
  BOOST_CHECK(all->inspect("200-1").state == presence::absent);
  BOOST_CHECK_EQUAL(traces(), "");
  BOOST_CHECK(net_space::look(names("a").member_space("200-1"))
              == presence::absent);
  BOOST_CHECK(volumes->inspect("200-1").state == presence::absent);
  // The volume is the user's.
  BOOST_CHECK_EQUAL(shim::read_small(*volume + "/file"), "kept\n");
  BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
  BOOST_CHECK(!volumes->destroy("12-1"));
}

BOOST_FIXTURE_TEST_CASE(its_streams_are_sent_where_they_are_to_go,
                        container_fixture) {
  redis_double redis;
  auto options = options_for();
  options.forwarding = forwarding();
  const auto all = std::move(*host_container_backend::open(std::move(options)));
  auto wanted = order("echo well; echo badly >&2; "
                      "trap 'echo at the end; exit' TERM; sleep 1000 & wait");
  wanted.outputs = outputs_at(redis.port());
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  BOOST_CHECK(eventually([&] { return redis.has("out well\n"); }));
  BOOST_CHECK(eventually([&] { return redis.has("err badly\n"); }));
  BOOST_CHECK(says("well\n"));
  BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
  BOOST_CHECK(redis.has("out at the end\n"));
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
  BOOST_CHECK_EQUAL(redis.published().size(), 3);
}

BOOST_FIXTURE_TEST_CASE(with_streams_to_send_it_can_be_made_after_any_crash,
                        container_fixture) {
  redis_double redis;
  auto wanted = order("echo well; sleep 1000");
  wanted.outputs = outputs_at(redis.port());
  int made = 0;
  break_everywhere(
    *this, [&](auto& all) { return all.ensure(wanted); },
    [&] {
      auto options = options_for();
      options.forwarding = forwarding();
      const auto all
        = std::move(*host_container_backend::open(std::move(options)));
      BOOST_CHECK_EQUAL(why_not(all->ensure(wanted)), "");
      ++made;
      BOOST_CHECK(all->inspect("200-1").state == presence::present);
      BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
      BOOST_CHECK_EQUAL(traces(), "");
    },
    [&](host_container_options& options) {
      options.forwarding = forwarding();
    });
  BOOST_CHECK_GT(made, 5);
}

BOOST_FIXTURE_TEST_CASE(tells_what_it_uses, container_fixture) {
  const auto all = open();
  BOOST_CHECK(all->usage("200-1").error().code == errc::no_such_reservation);
  BOOST_REQUIRE_EQUAL(
    why_not(all->ensure(order("head -c 8000000 /dev/zero >/big; echo done;"
                              "while :; do echo hello | nc -l -p 7777; done"))),
    "");
  BOOST_REQUIRE(says("done"));
  const auto before = all->usage("200-1");
  BOOST_REQUIRE_MESSAGE(before, why(before));
  BOOST_CHECK_GT(before->memory_bytes.value_or(0), 0u);
  BOOST_CHECK_LE(before->memory_bytes.value_or(0), 64 * mebibyte);
  BOOST_CHECK_GT(before->cpu_us.value_or(0), 0u);
  BOOST_REQUIRE(before->received_bytes);
  BOOST_CHECK(
    eventually([&] { return answers(names("a").router, "10.1.2.5", 7777); }));
  BOOST_CHECK_GT(all->usage("200-1")->received_bytes.value_or(0),
                 *before->received_bytes);
  BOOST_CHECK_GT(all->usage("200-1")->sent_bytes.value_or(0), 0u);
  // The file system counts what it has written down.
  ::sync();
  BOOST_CHECK(eventually(
    [&] { return all->usage("200-1")->disk_bytes.value_or(0) >= 8000000; }));
  if (volumes->ability().enforced)
    BOOST_CHECK_EQUAL(all->usage("200-1")->disk_bytes_max.value_or(0),
                      64 * mebibyte);
}

BOOST_FIXTURE_TEST_CASE(is_shut_in, container_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(
    why_not(all->ensure(
      order("mkdir /there; mount -t tmpfs none /there && echo BROKE mount;"
            "unshare -U true && echo BROKE user space;"
            "mknod /disk b 8 0 && echo BROKE device;"
            "echo 1 > /proc/sys/vm/drop_caches && echo BROKE sysctl;"
            "ls /sys/* && echo BROKE sysfs;"
            "kill -9 2 && echo BROKE pids;"
            "echo 0 > /proc/sysrq-trigger && echo BROKE sysrq;"
            "echo tried; sleep 1000"))),
    "");
  BOOST_REQUIRE(says("tried"));
  BOOST_CHECK_EQUAL(output().find("BROKE"), std::string::npos);
  BOOST_CHECK_EQUAL(status(*all, "NoNewPrivs"), "1");
  BOOST_CHECK_EQUAL(status(*all, "Seccomp"), "2");
  BOOST_CHECK(status(*all, "Uid").starts_with("100000"));
  // No right beyond those of container_capabilities().
  BOOST_CHECK_EQUAL(status(*all, "CapBnd"), "00000000800405fb");
  BOOST_CHECK_EQUAL(status(*all, "CapInh"), "0000000000000000");
  // A file of the host is not given to the container's root.
  struct stat facts = {};
  ::stat("/dev/null", &facts);
  BOOST_CHECK_EQUAL(facts.st_uid, 0);
}

BOOST_FIXTURE_TEST_CASE(outlives_the_one_who_made_it, container_fixture) {
  BOOST_REQUIRE_EQUAL(why_not(open()->ensure(order("sleep 1000"))), "");
  const auto all = open();
  const auto pid = all->inspect("200-1").pid;
  BOOST_REQUIRE_GT(pid, 0);
  BOOST_CHECK_EQUAL(why_not(all->ensure(order("sleep 1000"))), "");
  BOOST_CHECK_EQUAL(all->inspect("200-1").pid, pid);
  BOOST_CHECK_EQUAL(all->restore("200-1").value(), false);
}

BOOST_FIXTURE_TEST_CASE(one_that_needs_more_memory_is_killed_and_given_up,
                        container_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(order("exec tail /dev/zero"))), "");
  BOOST_REQUIRE(is_over(*all));
  const auto facts = all->inspect("200-1");
  BOOST_CHECK_EQUAL(facts.reason, "was killed by signal 9, out of memory");
  BOOST_CHECK_EQUAL(facts.restarts, 3);
}

BOOST_FIXTURE_TEST_CASE(can_make_no_more_processes_than_allowed,
                        container_fixture) {
  auto options = options_for();
  options.tasks_max = 10;
  const auto all = std::move(*host_container_backend::open(std::move(options)));
  BOOST_REQUIRE_EQUAL(
    why_not(all->ensure(order("i=0; while [ $i -lt 20 ]; do sleep 1000 & "
                              "i=$((i+1)); done; wait"))),
    "");
  BOOST_CHECK(says("an't fork"));
}

BOOST_FIXTURE_TEST_CASE(can_write_no_more_than_its_disk_has,
                        container_fixture) {
  if (!volumes->ability().enforced) {
    std::cout << "SKIP: no limit is enforced: " << volumes->ability().reason
              << '\n';
    return;
  }
  const auto all = open();
  auto wanted = order("dd if=/dev/zero of=/big bs=1M count=100 && echo BROKE;"
                      "stat -c 'size %s' /big; sleep 1000");
  wanted.disk_bytes = 32 * mebibyte;
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  BOOST_REQUIRE(says("size "));
  const auto said = output();
  BOOST_CHECK_EQUAL(said.find("BROKE"), std::string::npos);
  const auto size = std::stoull(said.substr(said.find("size ") + 5));
  BOOST_CHECK_LE(size, 32 * mebibyte);
  BOOST_CHECK_GT(size, 16 * mebibyte);
}

BOOST_FIXTURE_TEST_CASE(has_the_cpus_it_asked_for, container_fixture) {
  const auto all = open();
  auto wanted = order("sleep 1000");
  wanted.cpus = 2;
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  const auto spec
    = shim::read_spec(shim::read_small(folder + "/containers/200-1/spec"));
  BOOST_REQUIRE(spec);
  // What the kernel itself says of each limit that was set in a group.
  int limits = 0;
  for (const auto& [file, value] : spec->limits)
    if (file.find("200-1") != std::string::npos) {
      BOOST_CHECK_EQUAL(shim::read_small(file), value + '\n');
      ++limits;
    }
  BOOST_CHECK_GE(limits, 3);
}

BOOST_FIXTURE_TEST_CASE(keeps_its_files_when_it_is_started_again,
                        container_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(
    why_not(all->ensure(order("[ -e /first ] && echo again && sleep 1000;"
                              "touch /first; exit 1"))),
    "");
  BOOST_CHECK(says("again"));
  BOOST_CHECK_EQUAL(all->inspect("200-1").restarts, 1);
}

BOOST_FIXTURE_TEST_CASE(says_why_it_cannot_be_started, container_fixture) {
  const auto all = open();
  auto wanted = order("");
  wanted.entrypoint = {"/no/such/program"};
  auto failed = all->ensure(wanted);
  BOOST_CHECK(failed.code == errc::provision_failed);
  BOOST_CHECK(contains(failed.message, "/no/such/program"));
  // All of it was taken back.
  BOOST_CHECK(all->inspect("200-1").state == presence::absent);
  BOOST_CHECK(net_space::look(names("a").member_space("200-1"))
              == presence::absent);
  wanted = order("true");
  wanted.image = "oci:box:other";
  failed = all->ensure(wanted);
  BOOST_CHECK(failed.code == errc::invalid_reservation);
  BOOST_CHECK(contains(failed.message, "no image other"));
  wanted.image = "https://hub.example/a.flist";
  failed = all->ensure(wanted);
  BOOST_CHECK(contains(failed.message, "is a file list"));
  wanted = order("true");
  wanted.network_id = "red";
  failed = all->ensure(wanted);
  BOOST_CHECK(failed.code == errc::invalid_reservation);
  BOOST_CHECK(all->inspect("200-1").state == presence::absent);
}

BOOST_FIXTURE_TEST_CASE(can_be_made_after_a_crash_at_any_step,
                        container_fixture) {
  break_everywhere(
    *this, [&](auto& all) { return all.ensure(order("sleep 1000")); },
    [&] {
      const auto all = open();
      // Not by its keeper, who does not know whether it is wanted.
      BOOST_CHECK_EQUAL(all->restore("200-1").value(), false);
      BOOST_CHECK_EQUAL(why_not(all->ensure(order("sleep 1000"))), "");
      BOOST_CHECK(all->inspect("200-1").state == presence::present);
      BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

BOOST_FIXTURE_TEST_CASE(can_be_removed_after_a_crash_at_any_step,
                        container_fixture) {
  break_everywhere(
    *this,
    [&](auto& all) {
      const auto made = open()->ensure(order("sleep 1000"));
      return made ? made : all.destroy("200-1");
    },
    [&] {
      const auto all = open();
      BOOST_CHECK_EQUAL(all->restore("200-1").value(), false);
      BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
      BOOST_CHECK(all->inspect("200-1").state == presence::absent);
      BOOST_CHECK(volumes->inspect("200-1").state == presence::absent);
      BOOST_CHECK(net_space::look(names("a").member_space("200-1"))
                  == presence::absent);
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

// Figures for docs/containers.md; not run with the rest.
BOOST_FIXTURE_TEST_CASE(costs_little_more_than_the_tools_alone,
                        container_fixture,
                        *boost::unit_test::precondition(figures_are_wanted)) {
  const auto all = open();
  const auto wanted = order("trap 'exit 0' TERM; sleep 1000 & wait");
  // The image is unpacked once for all.
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
  const auto pool
    = std::filesystem::path{volumes->inspect("200-1").path}.parent_path();
  const auto bundle = folder + "/hand";
  std::filesystem::create_directory(bundle);
  auto config
    = shim::read_small(folder + "/containers/200-1/bundle/config.json");
  const auto image = shim::read_small(folder + "/containers/200-1/spec");
  const auto from = image.find("lowerdir=") + 9;
  const auto lower = image.substr(from, image.find(',', from) - from);
  BOOST_REQUIRE_EQUAL(why_not(all->destroy("200-1")), "");
  int turn = 0;
  std::string name;
  const auto shell = [&](const std::string& script) {
    by_shell(script, {bundle, lower, names("a").router, pool, name});
  };
  compare(
    "container",
    {.make = [&] { BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), ""); },
     .remove = [&] { BOOST_REQUIRE_EQUAL(why_not(all->destroy("200-1")), ""); },
     .make_by_hand =
       [&] {
         name = "by-hand-" + std::to_string(turn++);
         auto own = config;
         const std::string path = names("a").member_space("200-1");
         own.replace(own.find(path), path.size(), name);
         std::ofstream{bundle + "/config.json"} << own;
         shell(make_by_hand);
       },
     .remove_by_hand = [&] { shell(remove_by_hand); }});
}

// The same.
BOOST_FIXTURE_TEST_CASE(two_hundred_run_on_one_node, container_fixture,
                        *boost::unit_test::precondition(figures_are_wanted)) {
  constexpr int count = 200;
  const auto all = open();
  const auto id = [](int i) { return std::to_string(1000 + i) + "-1"; };
  const auto making = duration_of([&] {
    for (int i = 0; i < count; ++i) {
      auto wanted = order("trap 'exit 0' TERM; sleep 1000 & wait", id(i));
      wanted.disk_bytes = 4 * mebibyte;
      wanted.addresses = {address("10.1.2." + std::to_string(i + 10))};
      BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
    }
  });
  long resident = 0;
  long most = 0;
  int shims = 0;
  for (const auto pid : processes_with("provisiond-shim")) {
    const auto words
      = shim::read_small("/proc/" + std::to_string(pid) + "/cmdline");
    const auto text
      = shim::read_small("/proc/" + std::to_string(pid) + "/status");
    if (words.find(folder) == std::string::npos)
      continue;
    const auto kibibytes = std::stol(text.substr(text.find("VmRSS:") + 6));
    resident += kibibytes;
    most = std::max(most, kibibytes);
    ++shims;
  }
  BOOST_CHECK_EQUAL(shims, count);
  const auto looking = duration_of([&] {
    for (int i = 0; i < count; ++i)
      BOOST_CHECK(all->inspect(id(i)).state == presence::present);
  });
  const auto removing = duration_of([&] {
    for (int i = 0; i < count; ++i)
      BOOST_REQUIRE_EQUAL(why_not(all->destroy(id(i))), "");
  });
  std::cout << count << " made in " << making / 1000 << " s, looked at in "
            << looking << " ms, removed in " << removing / 1000
            << " s; shims: " << resident / count << " KiB each, " << most
            << " at most\n";
}

BOOST_FIXTURE_TEST_CASE(a_keeper_brings_back_what_lost_its_shim,
                        container_fixture) {
  const auto all = open();
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(order("sleep 1000"))), "");
  const auto before = all->inspect("200-1").pid;
  std::atomic<int> restored{0};
  const auto keeper = process_keeper::start(
    all->processes(),
    {.restore = [&](const auto& id) { return all->restore(id); },
     .restored
     = [&](const auto&, const error& failed) { restored += failed ? 100 : 1; },
     .lost = [](const auto&, const auto&) { return error{}; }});
  BOOST_REQUIRE(keeper);
  for (const auto pid : processes_with(folder + "/containers"))
    if (pid != before)
      ::kill(pid, SIGKILL);
  BOOST_CHECK(eventually([&] { return restored == 1; }));
  const auto after = all->inspect("200-1");
  BOOST_CHECK(after.state == presence::present);
  BOOST_CHECK_NE(after.pid, before);
  BOOST_CHECK_EQUAL(answers(names("a").router, "10.1.2.5", 1), false);
}

BOOST_FIXTURE_TEST_CASE(a_keeper_tells_of_one_that_keeps_dying,
                        container_fixture) {
  const auto all = open();
  std::mutex mutex;
  std::string told;
  const auto keeper = process_keeper::start(
    all->processes(),
    {.restore = [&](const auto& id) { return all->restore(id); },
     .restored = [](const auto&, const error&) {},
     .lost =
       [&](const auto& id, const auto& why) {
         const std::lock_guard lock{mutex};
         told += id + ' ' + why + ';';
         return error{};
       }});
  BOOST_REQUIRE(keeper);
  all->on_start([&] { (*keeper)->look_again(); });
  BOOST_REQUIRE_EQUAL(why_not(all->ensure(order("exit 3"))), "");
  BOOST_CHECK(eventually([&] {
    const std::lock_guard lock{mutex};
    return told == "200-1 ended with code 3;";
  }));
  all->on_start({});
}

BOOST_FIXTURE_TEST_CASE(lists_itself_with_the_volumes_that_it_uses,
                        container_host) {
  const auto backend = open();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  BOOST_REQUIRE(volumes->ensure("12-1", 16 * mebibyte));
  auto wanted = order("sleep 1000");
  wanted.volumes = {{"12-1", "/data"}};
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(wanted)), "");
  check_list(*backend, "order", {"200-1", "12-1"});
  BOOST_CHECK_EQUAL(why_not(volumes->destroy("12-1")), "");
}

BOOST_AUTO_TEST_SUITE_END()
