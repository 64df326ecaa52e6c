#include "backends/host/host_container_backend.hpp"

#include <atomic>
#include <cerrno>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/backends/container_host.hpp"
#include "tests/support/image_layout.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;

namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(hostile_container_test,
                      *boost::unit_test::precondition(containers_are_possible))

namespace {

/// What a hostile image is made of besides its tricks: a shell.
std::vector<layer_entry> box_entries() {
  std::ifstream in{*busybox(), std::ios::binary};
  std::string program{std::istreambuf_iterator<char>{in}, {}};
  std::vector<layer_entry> entries{
    {.kind = '5', .name = "bin"},
    {.name = "bin/busybox", .content = std::move(program)}};
  for (const auto* name : {"sh", "cat", "head", "ls", "echo", "sleep", "id"})
    entries.push_back(
      {.kind = '2', .name = std::string{"bin/"} + name, .to = "busybox"});
  return entries;
}

struct hostile_fixture : container_host {
  hostile_fixture() : hidden{folder + "/hidden"} {
    fs::create_directory(hidden);
    const auto made = volumes->ensure("12-1", 64 * mebibyte);
    BOOST_REQUIRE_MESSAGE(made, why(made));
    volume = *made;
    // As a container before left it.
    BOOST_REQUIRE_EQUAL(::chown(volume.c_str(), 100000, 100000), 0);
  }
  ~hostile_fixture() {
    destroy_all(*open());
    BOOST_CHECK_EQUAL(why_not(volumes->destroy("12-1")), "");
    // Whatever was tried, the host's folder has nothing new.
    BOOST_CHECK(fs::is_empty(hidden));
    fs::remove_all(image_shelf::the().root + "/own/hostile");
  }

  /// An image with a shell and these.
  void write_image(const std::vector<layer_entry>& tricks,
                   const std::string& config
                   = R"({"Env":["PATH=/bin"]})") const {
    write_layout(image_shelf::the().root + "/own/hostile",
                 {{tar_of(box_entries())}, {tar_of(tricks)}}, config);
  }

  container_order hostile_order(const std::string& script) const {
    auto wanted = order(script + "; echo tried; sleep 1000");
    wanted.image = "oci:hostile";
    return wanted;
  }

  /// What it says until it has tried everything.
  std::string tried(const container_order& wanted) {
    const auto all = open();
    BOOST_REQUIRE_EQUAL(why_not(all->ensure(wanted)), "");
    BOOST_CHECK(
      eventually([&] { return output().find("tried") != std::string::npos; }));
    auto said = output();
    BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
    return said;
  }

  /// A folder of the host that no container may reach.
  std::string hidden;
  std::string volume;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_device_in_an_image_opens_nothing, hostile_fixture) {
  // /dev/zero by another name.
  write_image(
    {{.kind = '3', .name = "zero", .mode = 0666, .major = 1, .minor = 5}});
  const auto said = tried(
    hostile_order("ls -l /zero; head -c 1 /zero >/dev/null && echo BROKE"));
  says(said, "1,   5");
  says(said, "ermission denied");
  BOOST_CHECK_EQUAL(said.find("BROKE"), std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_device_in_a_volume_opens_nothing, hostile_fixture) {
  // Nobody inside can make one; an older tool on the host may have.
  BOOST_REQUIRE_EQUAL(
    ::mknod((volume + "/zero").c_str(), S_IFCHR | 0666, ::makedev(1, 5)), 0);
  BOOST_REQUIRE_EQUAL(::chmod((volume + "/zero").c_str(), 0666), 0);
  auto wanted = order("ls -l /data/zero; cat /data/zero >/dev/null && echo "
                      "BROKE; echo tried; sleep 1000");
  wanted.volumes = {{"12-1", "/data"}};
  const auto said = tried(wanted);
  says(said, "1,   5");
  says(said, "ermission denied");
  BOOST_CHECK_EQUAL(said.find("BROKE"), std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_set_user_program_gives_no_right, hostile_fixture) {
  // Of the host's root, which no container is.
  fs::copy_file(*busybox(), volume + "/id");
  BOOST_REQUIRE_EQUAL(::chmod((volume + "/id").c_str(), 04755), 0);
  auto wanted = order("/data/id; echo tried; sleep 1000");
  wanted.volumes = {{"12-1", "/data"}};
  const auto said = tried(wanted);
  says(said, "uid=0 gid=0");
  BOOST_CHECK_EQUAL(said.find("euid"), std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_link_in_the_image_leads_a_volume_nowhere,
                        hostile_fixture) {
  for (const auto& [link, target] :
       std::vector<std::pair<std::string, std::string>>{
         {hidden, "/data"},
         {"../../../../../../../.." + hidden, "/data"},
         {hidden, "/data/deeper"},
         {"/proc/1/root" + hidden, "/data/deeper"},
         {"/proc/self/fd/3", "/data/deeper"}})
    BOOST_TEST_CONTEXT(link << " at " << target) {
      write_image({{.kind = '2', .name = "data", .to = link}});
      auto wanted = hostile_order("echo x >" + target + "/file");
      wanted.volumes = {{"12-1", target}};
      const auto all = open();
      // Either is fine, as long as the host does not see it.
      if (!all->ensure(wanted))
        BOOST_CHECK(eventually(
          [&] { return output().find("tried") != std::string::npos; }));
      BOOST_CHECK(fs::is_empty(hidden));
      BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
    }
}

BOOST_FIXTURE_TEST_CASE(a_link_in_a_volume_leads_another_nowhere,
                        hostile_fixture) {
  const auto inner = volumes->ensure("12-2", 32 * mebibyte);
  BOOST_REQUIRE_MESSAGE(inner, why(inner));
  fs::create_directory_symlink(hidden, volume + "/sub");
  auto wanted = order("echo x >/data/sub/file; echo tried; sleep 1000");
  wanted.volumes = {{"12-1", "/data"}, {"12-2", "/data/sub"}};
  const auto all = open();
  if (!all->ensure(wanted))
    BOOST_CHECK(
      eventually([&] { return output().find("tried") != std::string::npos; }));
  BOOST_CHECK(fs::is_empty(hidden));
  BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
  BOOST_CHECK_EQUAL(why_not(volumes->destroy("12-2")), "");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_turns_into_a_link_leads_nowhere,
                        hostile_fixture) {
  const auto inner = volumes->ensure("12-2", 32 * mebibyte);
  BOOST_REQUIRE_MESSAGE(inner, why(inner));
  // As another container of the same customer could do all the time.
  const auto folder_name = volume + "/sub";
  const auto link_name = volume + "/other";
  fs::create_directory(folder_name);
  fs::create_directory_symlink(hidden, link_name);
  std::atomic<bool> over{false};
  std::thread swapper{[&] {
    while (!over)
      ::renameat2(AT_FDCWD, folder_name.c_str(), AT_FDCWD, link_name.c_str(),
                  RENAME_EXCHANGE);
  }};
  auto wanted = order("echo x >/data/sub/file; sleep 1000");
  wanted.volumes = {{"12-1", "/data"}, {"12-2", "/data/sub"}};
  const auto all = open();
  int started = 0;
  constexpr int times = 12;
  for (int i = 0; i < times; ++i) {
    started += !all->ensure(wanted);
    BOOST_CHECK(fs::is_empty(hidden));
    BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
  }
  over = true;
  swapper.join();
  BOOST_TEST_MESSAGE(started << " of " << times << " were started");
  BOOST_CHECK_EQUAL(why_not(volumes->destroy("12-2")), "");
}

BOOST_FIXTURE_TEST_CASE(its_first_folder_is_none_of_the_host, hostile_fixture) {
  std::ofstream{folder + "/mark"} << "mark";
  // What the runtime has open would be seen through these.
  for (int number = 3; number < 12; ++number) {
    write_image({{.kind = '2',
                  .name = "here",
                  .to = "/proc/self/fd/" + std::to_string(number)}},
                R"({"Env":["PATH=/bin"],"WorkingDir":"/here"})");
    const auto all = open();
    if (!all->ensure(hostile_order("ls -l; cat ../mark ../../mark mark")))
      BOOST_CHECK(eventually(
        [&] { return output().find("tried") != std::string::npos; }));
    BOOST_CHECK_EQUAL(output().find("config.json"), std::string::npos);
    BOOST_CHECK_EQUAL(output().find("mark\n"), std::string::npos);
    BOOST_CHECK_EQUAL(why_not(all->destroy("200-1")), "");
  }
  fs::remove(folder + "/mark");
}

BOOST_FIXTURE_TEST_CASE(makes_no_subvolumes, hostile_fixture) {
  const auto program
    = fs::read_symlink("/proc/self/exe").parent_path() / "try_requests";
  BOOST_REQUIRE(fs::exists(program));
  fs::copy_file(program, volume + "/try");
  auto wanted = order("/data/try /data; sleep 1000");
  wanted.volumes = {{"12-1", "/data"}};
  const auto said = tried(wanted);
  for (const auto* what :
       {"create", "create with a high bit", "create of version 2",
        "create beside the group", "snapshot", "snapshot of version 2"})
    says(said, "\n" + std::string{what} + " 1\n");
  says(said, "size of a block ok\nclose on exec ok\n");
}

BOOST_AUTO_TEST_SUITE_END()
