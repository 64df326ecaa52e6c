#include "backends/host/image_fetch.hpp"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/container_tools.hpp"
#include "tests/backends/loopback_registry.hpp"
#include "tests/backends/taken_over_fetcher.hpp"
#include "tests/support/says.hpp"

// The program that fetches images talks to strangers: here it is looked at what
// it may do, of the real one, and of one that tries.

using namespace provision;
using namespace provision::test;

namespace fs = std::filesystem;

namespace image_fetch_test {
namespace {

std::string field(const std::string& status, const std::string& name) {
  std::istringstream lines{status};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + ':')) {
      const auto from = line.find_first_not_of(" \t", name.size() + 1);
      return from == line.npos ? "" : line.substr(from);
    }
  return "no field " + name;
}

/// In a copy of all mounts, with these users alone; `what` runs there.
template <class Work>
void with_users(const std::string& users, Work what) {
  const scratch_folder scratch;
  const auto file = scratch.path() + "/passwd";
  std::ofstream{file} << "root:x:0:0::/root:/bin/sh\n" << users;
  // systemd adds a user "nobody" of its own.
  const auto sources = scratch.path() + "/nsswitch.conf";
  std::ofstream{sources} << "passwd: files\n";
  std::thread{[&] {
    BOOST_REQUIRE_EQUAL(::unshare(CLONE_FS | CLONE_NEWNS), 0);
    BOOST_REQUIRE_EQUAL(::mount("", "/", "", MS_REC | MS_PRIVATE, ""), 0);
    for (const auto& [from, to] : {std::pair{file, "/etc/passwd"},
                                   std::pair{sources, "/etc/nsswitch.conf"}})
      BOOST_REQUIRE_EQUAL(::mount(from.c_str(), to, "", MS_BIND, nullptr), 0);
    what();
  }}.join();
}

/// `what` runs in a thread that lacks a capability, as do programs that it
/// runs.
template <class Work>
void without_capability(unsigned number, Work what) {
  std::thread{[&] {
    BOOST_REQUIRE_EQUAL(::prctl(PR_CAPBSET_DROP, number, 0, 0, 0), 0);
    __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2] = {};
    BOOST_REQUIRE_EQUAL(::syscall(SYS_capget, &head, sets), 0);
    for (auto* set : {&sets[0].effective, &sets[0].permitted})
      *set &= ~(1U << number);
    BOOST_REQUIRE_EQUAL(::syscall(SYS_capset, &head, sets), 0);
    what();
  }}.join();
}

} // namespace
} // namespace image_fetch_test

BOOST_FIXTURE_TEST_SUITE(image_fetch_test, taken_over_fixture,
                         *boost::unit_test::precondition(images_can_be_fetched))

BOOST_AUTO_TEST_CASE(the_running_fetcher_has_no_rights) {
  std::mutex mutex;
  std::string status;
  std::string environment;
  std::set<std::string> files;
  std::string mark;
  raw_server server{[&](int socket, int) {
    (void)read_request(socket);
    const std::lock_guard lock{mutex};
    for (const auto pid : processes_with(mark)) {
      const auto place = "/proc/" + std::to_string(pid);
      if (shim::read_small(place + "/comm") != "skopeo\n")
        continue;
      status = shim::read_small(place + "/status");
      environment = shim::read_small(place + "/environ");
      for (const auto& one : fs::directory_iterator{place + "/fd"})
        files.insert(fs::read_symlink(one.path()).string());
    }
    write_text(socket, answer("404 Not Found", "", "{}"));
  }};
  const auto address = "127.0.0.1:" + std::to_string(server.port());
  {
    const std::lock_guard lock{mutex};
    mark = address;
  }
  auto all = images(address);
  BOOST_CHECK(!all.get(named(address + "/box:1")));
  const std::lock_guard lock{mutex};
  const auto who = find_fetch_user().value();
  BOOST_CHECK_NE(who.user, 0);
  for (const auto& [name, number] :
       {std::pair{"Uid", who.user}, std::pair{"Gid", who.group}}) {
    std::istringstream all_four{field(status, name)};
    for (std::uint32_t one = 0; all_four >> one;)
      BOOST_CHECK_EQUAL(one, number);
  }
  BOOST_CHECK_EQUAL(field(status, "Groups"), "");
  for (const auto* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    BOOST_CHECK_EQUAL(field(status, set), "0000000000000000");
  BOOST_CHECK_EQUAL(field(status, "NoNewPrivs"), "1");
  std::ranges::replace(environment, '\0', ' ');
  BOOST_CHECK_EQUAL(environment,
                    "LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin ");
  // And no file of ours is open in it.
  for (const auto& one : files)
    BOOST_CHECK_MESSAGE(!one.starts_with(root), one);
  BOOST_CHECK(files.contains("/dev/null"));
}

BOOST_AUTO_TEST_CASE(it_reads_no_data_and_writes_to_its_own_folder_alone) {
  const auto image = fetch_by(
    honestly
    + "cat $root/data/identity.key >&3 2>&3\n"
      "ls $root/data $root/images >&3 2>&3\n"
      "cat /mnt/../$root/data/identity.key 2>/dev/null >&3\n"
      "for place in /tmp /var/tmp /dev/shm /run /run/lock $root /proc/1; do\n"
      "  (echo x >$place/fetcher-was-here) 2>/dev/null && echo writes $place "
      ">&3\n"
      "done\n"
      "cd ${to%/*}; mknod sda b 8 0 2>&3; cp /bin/true run\n"
      "./run 2>&3; /bin/chown root run 2>&3\n"
      "stat -c 'is %a' . >&3; echo done >&3\n");
  BOOST_REQUIRE_MESSAGE(image, why(image));
  BOOST_CHECK_EQUAL(shim::read_small(image->root + "/file"), "honest");
  const auto text = told();
  says(text, "identity.key: Permission denied");
  says(text, "data': Permission denied");
  says(text, "images': Permission denied");
  BOOST_CHECK_EQUAL(text.find("secret"), text.npos);
  BOOST_CHECK_EQUAL(text.find("writes"), text.npos);
  says(text, "mknod: sda: Operation not permitted");
  says(text, "./run: Permission denied");
  says(text, "changing ownership of 'run'");
  says(text, "is 700");
  says(text, "done");
}

BOOST_AUTO_TEST_CASE(credentials_are_out_of_its_reach_on_the_disk) {
  const auto auth = root + "/auth.json";
  std::ofstream{auth} << R"({"auths":{}})";
  ::chmod(auth.c_str(), 0600);
  const auto program = root + "/program";
  std::ofstream{program}
    << "#!/bin/sh\nexec 3>" << root << "/report\necho \"$@\" >&3\ncat " << auth
    << " >&3 2>&3\ncat /dev/stdin >&3\nls -A /mnt >&3\nexit 1\n";
  ::chmod(program.c_str(), 0755);
  auto how = options("127.0.0.1:1");
  how.tools.skopeo = program;
  how.auth_file = auth;
  auto all = images(how);
  BOOST_CHECK(!all.get(named("127.0.0.1:1/box:1")));
  auto text = told();
  says(text, "--authfile /dev/stdin");
  says(text, "auth.json: Permission denied");
  says(text, R"({"auths":{}})");
  // An archive opens no registry.
  std::ofstream{root + "/own/box.tar"} << "nothing";
  BOOST_CHECK(!all.get(
    {.from = image_reference::source::oci_archive, .name = "box.tar"}));
  text = told();
  says(text, "--src-no-creds");
  BOOST_CHECK_EQUAL(text.find("auths"), text.npos);
  // One that vanished meanwhile is the operator's mistake, not the user's.
  fs::remove(auth);
  const auto without = all.get(named("127.0.0.1:1/box:1"));
  BOOST_REQUIRE(!without);
  BOOST_CHECK(without.error().code == errc::host_unavailable);
  says(without.error().message, auth);
}

BOOST_AUTO_TEST_CASE(archives_that_are_roots_alone_can_be_used) {
  write("packed");
  using source = image_reference::source;
  struct {
    source from;
    std::string name;
    std::string target;
  } const archives[] = {
    {source::oci_archive, "oci.tar", "oci-archive:" + root + "/own/oci.tar:x"},
    {source::docker_archive, "docker.tar",
     "docker-archive:" + root + "/own/docker.tar:x:1"}};
  auto all = images("127.0.0.1:1");
  for (const auto& [from, name, target] : archives)
    BOOST_TEST_CONTEXT(name) {
      const auto packed
        = run({.program = "/usr/bin/skopeo",
               .arguments = {"copy", "--quiet",
                             "oci:" + root + "/layout:latest", target}});
      BOOST_REQUIRE(packed);
      const auto path = root + "/own/" + name;
      ::chmod(path.c_str(), 0600);
      const auto image = all.get({.from = from, .name = name});
      BOOST_REQUIRE_MESSAGE(image, why(image));
      BOOST_CHECK_EQUAL(shim::read_small(image->root + "/file"), "packed");
      struct stat facts = {};
      BOOST_REQUIRE_EQUAL(::stat(path.c_str(), &facts), 0);
      BOOST_CHECK_EQUAL(facts.st_uid, 0);
      const auto none = all.get({.from = from, .name = "none"});
      BOOST_REQUIRE(!none);
      BOOST_CHECK(none.error().code == errc::invalid_reservation);
      says(none.error().message, "no such file among the images of this node");
    }
}

BOOST_AUTO_TEST_CASE(a_user_who_is_nobody_else_has_enough_to_fetch_with) {
  const loopback_registry registry{root + "/registry"};
  write("bounded");
  BOOST_REQUIRE_EQUAL(why_not(registry.push(root + "/layout", "box:1")), "");
  auto how = options(registry.address());
  how.tools.fetch_user = {"none", 61234, 61234, true};
  const auto image = images(how).get(named(registry.address() + "/box:1"));
  BOOST_REQUIRE_MESSAGE(image, why(image));
  BOOST_CHECK_EQUAL(shim::read_small(image->root + "/file"), "bounded");
}

BOOST_AUTO_TEST_CASE(its_user_is_its_own_if_there_is_one) {
  const std::string own = "provisiond-fetch:x:61234:61235::/:/bin/false\n";
  const std::string nobody = "nobody:x:65534:65533::/:/bin/false\n";
  with_users(nobody + own, [] {
    const auto found = find_fetch_user();
    BOOST_REQUIRE(found);
    BOOST_CHECK_EQUAL(found->name, "provisiond-fetch");
    BOOST_CHECK_EQUAL(found->user, 61234);
    BOOST_CHECK_EQUAL(found->group, 61235);
    BOOST_CHECK(found->is_own);
  });
  with_users(nobody, [] {
    const auto found = find_fetch_user();
    BOOST_REQUIRE(found);
    BOOST_CHECK_EQUAL(found->user, 65534);
    BOOST_CHECK(!found->is_own);
  });
  with_users(
    "", [] { says(find_fetch_user().error().message, "systemd-sysusers"); });
  for (const auto* root : {"provisiond-fetch:x:0:61235::/:/bin/false\n",
                           "provisiond-fetch:x:61234:0::/:/bin/false\n"})
    with_users(nobody + root, [] {
      const auto refused = find_fetch_user();
      BOOST_REQUIRE(!refused);
      BOOST_CHECK(refused.error().code == errc::host_unavailable);
      says(refused.error().message, "must have no rights");
    });
}

BOOST_AUTO_TEST_CASE(
  a_host_where_it_cannot_be_confined_is_told_so_by_the_probe) {
  const scratch_folder place;
  const auto tools = find_image_tools().value();
  BOOST_CHECK_EQUAL(why_not(try_fetching(tools, place.path())), "");
  for (const auto number : {CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN})
    without_capability(number, [&] {
      const auto folder = place.path() + '/' + std::to_string(number);
      fs::create_directory(folder);
      const auto failed = try_fetching(tools, folder);
      BOOST_CHECK_MESSAGE(failed, "without capability " << number);
      const auto found = probe_containers(folder).ability;
      BOOST_CHECK(found.state == ability::level::missing);
      says(found.reason,
           "images cannot be fetched by a program without rights");
      says(found.remedy, "containers.conf");
    });
  auto lost = tools;
  lost.setpriv = "/nonexistent/setpriv";
  const scratch_folder other;
  BOOST_CHECK(try_fetching(lost, other.path()));
  lost.prlimit = "/nonexistent/prlimit";
  BOOST_CHECK(try_fetching(lost, other.path()).code == errc::host_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
