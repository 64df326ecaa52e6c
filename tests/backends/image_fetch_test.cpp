#include "backends/host/image_fetch.hpp"

#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/container_tools.hpp"
#include "backends/host/fetched_layout.hpp"
#include "tests/backends/fetching_images.hpp"
#include "tests/backends/host_traces.hpp"
#include "tests/backends/loopback_registry.hpp"
#include "tests/backends/process_host.hpp"
#include "tests/support/says.hpp"

// The program that fetches images talks to strangers: here it is the real one,
// whose rights are looked at, and then one that was taken over.

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

/// A program in the place of skopeo: what it tells comes here through a pipe,
/// because it can write to no file that stays.
struct taken_over_fixture : fetching_fixture {
  taken_over_fixture() {
    // As far as it goes by the folders, everybody can come here...
    ::chmod(root.c_str(), 0755);
    fs::create_directory(root + "/own");
    fs::create_directory(root + "/treasure");
    std::ofstream{root + "/treasure/gold"} << "gold";
    ::chmod((root + "/treasure/gold").c_str(), 0644);
    // ... but not into the data folder.
    fs::create_directory(root + "/data");
    std::ofstream{root + "/data/identity.key"} << "secret";
    ::chmod((root + "/data/identity.key").c_str(), 0644);
    ::chmod((root + "/data").c_str(), 0700);
    BOOST_REQUIRE_EQUAL(::mkfifo(report_name().c_str(), 0622), 0);
    ::chmod(report_name().c_str(), 0622);
    report_
      = file_descriptor{::open(report_name().c_str(), O_RDWR | O_NONBLOCK)};
    write("honest");
    for (const auto& one : fs::recursive_directory_iterator{root + "/layout"})
      ::chmod(one.path().c_str(), 0755);
    ::chmod((root + "/layout").c_str(), 0755);
    auto index = shim::read_small(root + "/layout/index.json");
    index.replace(index.find("\"latest\""), 8, "\"fetched\"");
    std::ofstream{root + "/layout/index.json"} << index;
    manifest = index.substr(index.find("sha256:") + 7, 64);
  }

  ~taken_over_fixture() {
    BOOST_CHECK_EQUAL(shim::read_small(root + "/treasure/gold"), "gold");
    BOOST_CHECK_EQUAL(shim::read_small(root + "/data/identity.key"), "secret");
    BOOST_CHECK(!fs::exists(root + "/images/incoming"));
    BOOST_CHECK(processes_with(root).empty());
    BOOST_CHECK_EQUAL(host_traces{{root}}.beyond(before_), "");
  }

  /// What a fetch by this script yields. $to: the layout that it is to make;
  /// $root: the folder of this case; $layout: a good layout; $b: where its
  /// blobs are to be; $m: the digest of its manifest. What it tells goes to 3.
  expected<unpacked_image> fetch_by(const std::string& script) {
    const auto program = root + "/program";
    std::ofstream{program} << "#!/bin/sh\nexec 3>" << report_name()
                           << "\nfor word; do :; done\n"
                              "to=${word#oci:}; to=${to%:*}\n"
                           << "root=" << root
                           << "; layout=$root/layout; m=" << manifest
                           << "\nb=$to/blobs/sha256\n"
                           << script << '\n';
    ::chmod(program.c_str(), 0755);
    auto how = options("127.0.0.1:1");
    how.tools.skopeo = program;
    how.patience = patience;
    return images(how).get(named("127.0.0.1:1/box:1"));
  }

  std::string told() {
    std::string text(65536, '\0');
    const auto size = ::read(report_.number(), text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

  /// Nothing but what is meant to stay is in the folder of images.
  bool holds_no_image() const {
    for (const auto& one : fs::directory_iterator{root + "/images"})
      if (one.path().filename() != "names")
        return false;
    return true;
  }

  std::string manifest;
  std::chrono::milliseconds patience = 20s;

private:
  std::string report_name() const { return root + "/report"; }

  file_descriptor report_;
  const host_traces before_{{root}};
};

/// Lays the good layout.
const std::string honestly = "cp -r $layout $to\n";

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

BOOST_AUTO_TEST_CASE(what_it_leaves_is_taken_only_if_it_is_a_plain_file) {
  struct {
    const char* what;
    const char* deed;
    const char* complaint;
  } const deeds[] = {
    {"a link in place of a blob", "rm $b/$m; ln -s $root/treasure/gold $b/$m",
     "is no plain file"},
    {"a link in place of the index",
     "rm $to/index.json; ln -s $root/treasure/gold $to/index.json",
     "index.json is no plain file"},
    {"a link in place of the blobs", "rm -r $b; ln -s $layout/blobs/sha256 $b",
     "sha256 is no folder"},
    {"a link in place of the folder of blobs",
     "rm -r $to/blobs; ln -s $layout/blobs $to/blobs", "blobs is no folder"},
    {"a link in place of the layout", "rm -r $to; ln -s $layout $to",
     "layout is no folder"},
    {"a pipe in place of a blob", "rm $b/$m; mkfifo $b/$m", "is no plain file"},
    {"a folder in place of a blob", "rm $b/$m; mkdir $b/$m",
     "is no plain file"},
    {"a file with another name", "ln $b/$m $to/other",
     "is not a plain file with one name"},
    {"no index", "rm $to/index.json", "index.json is missing"},
    {"nothing", "rm -r $to", "layout is no folder"},
  };
  for (const auto& [what, deed, complaint] : deeds)
    BOOST_TEST_CONTEXT(what) {
      const auto image = fetch_by(honestly + deed);
      BOOST_REQUIRE(!image);
      BOOST_CHECK(image.error().code == errc::invalid_reservation);
      says(image.error().message, complaint);
      BOOST_CHECK(holds_no_image());
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_part_of_an_image_stays_behind) {
  const auto image
    = fetch_by(honestly
               + "ln -s $root/treasure $to/link; ln -s $root/treasure $b/link\n"
                 "mkfifo $to/pipe; cp /bin/sh $to/sh; chmod 6755 $to/sh\n"
                 "mkdir -p $to/deep/er; chmod 0 $to/deep; chmod 0 $to\n");
  BOOST_REQUIRE_MESSAGE(image, why(image));
  BOOST_CHECK_EQUAL(shim::read_small(image->root + "/file"), "honest");
}

BOOST_AUTO_TEST_CASE(what_does_not_have_its_digest_is_not_unpacked) {
  const auto blobs = root + "/layout/blobs/sha256/";
  const auto text = shim::read_small(blobs + manifest);
  const auto layer = text.substr(text.rfind("sha256:") + 7, 64);
  for (const auto& blob : {manifest, layer}) {
    const auto image = fetch_by(honestly + "sed -i s/o/u/ $b/" + blob);
    BOOST_REQUIRE(!image);
    says(image.error().message, "cannot be unpacked");
    says(image.error().message, "verified reader");
    BOOST_CHECK(holds_no_image());
  }
}

BOOST_AUTO_TEST_CASE(nobody_goes_on_writing_after_its_end) {
  const auto image = fetch_by(
    honestly
    + "(setsid sh -c 'exec 4<>$1/index.json; echo begun >&3; while :; do echo "
      "{} >$1/index.json; done' "
    + root
    + "/writer $to &) 2>/dev/null\n"
      "cp $layout/index.json $to/index.json\n");
  // It may have hit or missed; what matters is that it is over.
  if (!image)
    BOOST_CHECK(image.error().code == errc::invalid_reservation);
  BOOST_CHECK(processes_with(root + "/writer").empty());
  // And is not known by its name the next time.
  fs::remove_all(root + "/images");
  patience = 300ms;
  const auto late = fetch_by("(setsid sleep 1000 " + root
                             + "/x 2>&1 >/dev/null; :) &\n"
                               "sh -c 'while :; do sleep 1000; done' "
                             + root + "/writer &\nsleep 1000");
  BOOST_REQUIRE(!late);
  BOOST_CHECK(late.error().code == errc::host_busy);
  BOOST_CHECK(processes_with(root + "/writer").empty());
}

BOOST_AUTO_TEST_CASE(a_file_that_somebody_still_writes_is_not_taken) {
  const auto from = folder::make(root + "/from").value();
  const auto to = folder::make(root + "/to").value();
  fs::copy(root + "/layout", root + "/from/layout",
           fs::copy_options::recursive);
  const auto path = root + "/from/layout/index.json";
  {
    // By a process that was handed it, for instance.
    const file_descriptor writer{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    const auto refused = take_layout(from, "layout", to);
    BOOST_CHECK(refused.code == errc::invalid_reservation);
    says(refused.message, "index.json is still written to");
  }
  fs::remove_all(root + "/to/layout");
  // What was taken before the mistake stays where it is.
  fs::remove_all(root + "/from/layout");
  fs::copy(root + "/layout", root + "/from/layout",
           fs::copy_options::recursive);
  BOOST_CHECK_EQUAL(why_not(take_layout(from, "layout", to)), "");
  struct stat facts = {};
  BOOST_REQUIRE_EQUAL(
    ::lstat((root + "/to/layout/blobs/sha256/" + manifest).c_str(), &facts), 0);
  BOOST_CHECK_EQUAL(facts.st_uid, 0);
  BOOST_CHECK_EQUAL(facts.st_mode & 07777U, 0600U);
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

BOOST_AUTO_TEST_CASE(an_archive_is_not_copied_onto_a_full_disk) {
  std::ofstream{root + "/own/box.tar"} << std::string(1 << 20, 'x');
  const image_reference wanted{.from = image_reference::source::oci_archive,
                               .name = "box.tar"};
  auto how = options("127.0.0.1:1");
  how.free_bytes_min = ~std::uint64_t{0};
  BOOST_CHECK(images(how).get(wanted).error().code == errc::disk_full);
  how.free_bytes_min = 0;
  how.image_bytes_max = 1 << 19;
  const auto refused = images(how).get(wanted);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  says(refused.error().message, "more than 524288 bytes");
}

BOOST_AUTO_TEST_CASE(what_a_registry_sends_takes_no_more_room_than_allowed) {
  const loopback_registry registry{root + "/registry"};
  std::string noise(8 * mebibyte, '\0');
  std::ifstream{"/dev/urandom"}.read(
    noise.data(), static_cast<std::streamsize>(8 * mebibyte));
  write(noise);
  BOOST_REQUIRE_EQUAL(why_not(registry.push(root + "/layout", "box:1")), "");
  auto how = options(registry.address());
  how.image_bytes_max = 4 * mebibyte;
  const auto refused = images(how).get(named(registry.address() + "/box:1"));
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  says(refused.error().message, "more than 4194304 bytes");
  BOOST_CHECK(holds_no_image());
}

BOOST_AUTO_TEST_CASE(what_the_host_does_not_show_it_is_not_the_users_mistake) {
  const auto of_host = fetch_by(
    "echo open /etc/containers/policy.json: permission denied >&2; exit 1");
  BOOST_REQUIRE(!of_host);
  BOOST_CHECK(of_host.error().code == errc::host_busy);
  says(of_host.error().message, "policy.json");
  const auto of_registry
    = fetch_by("echo requested access to the resource is denied >&2; exit 1");
  BOOST_REQUIRE(!of_registry);
  BOOST_CHECK(of_registry.error().code == errc::invalid_reservation);
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
  BOOST_CHECK(try_fetching(lost, other.path()).code == errc::host_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
