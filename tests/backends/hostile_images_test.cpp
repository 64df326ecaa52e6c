#include "backends/host/container_images.hpp"

#include <filesystem>
#include <fstream>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/room_watch.hpp"
#include "tests/backends/scratch_pool.hpp"
#include "tests/support/image_layout.hpp"
#include "tests/support/says.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/unless.hpp"

using namespace provision;
using namespace provision::test;

namespace fs = std::filesystem;

namespace hostile_images_test {
namespace {

boost::test_tools::assertion_result
images_can_be_unpacked(boost::unit_test::test_unit_id) {
  if (::geteuid() != 0)
    return unless("needs root to give files to users of containers");
  for (const auto* tool : {"umoci", "skopeo"})
    if (const auto found = find_program(tool, tool); !found)
      return unless(found.error().message);
  return unless("");
}

/// Images of nobody's making, and a folder beside them that none may touch.
struct images_fixture {
  images_fixture() {
    treasure = root + "/treasure";
    fs::create_directory(treasure);
    std::ofstream{treasure + "/gold"} << "gold";
    std::ofstream{treasure + "/passwd"} << "thief:x:1234:1234::/:/bin/sh\n";
    fs::create_directory(root + "/own");
  }
  ~images_fixture() { BOOST_CHECK_EQUAL(treasure_now(), "gold passwd "); }

  container_image_options options() const {
    return {.folder = root + "/images",
            .own_images = root + "/own",
            .tools = find_image_tools().value()};
  }

  void write(const std::vector<std::vector<layer_entry>>& layers,
             const std::string& config = "{}",
             const std::string& name = "image") const {
    fs::remove_all(root + "/own/" + name);
    std::vector<image_layer> all;
    for (const auto& one : layers)
      all.push_back({tar_of(one)});
    write_layout(root + "/own/" + name, all, config);
  }

  expected<unpacked_image> get(const container_image_options& how,
                               const std::string& name = "image") const {
    auto images = container_images::open(how);
    BOOST_REQUIRE(images);
    return images->get(
      {.from = image_reference::source::layout, .name = name, .tag = "latest"});
  }

  expected<unpacked_image> get() const { return get(options()); }

  std::string treasure_now() const {
    std::set<std::string> names;
    for (const auto& one : fs::directory_iterator{treasure})
      names.insert(one.path().filename());
    std::string result;
    for (const auto& one : names)
      result += one + ' ';
    return result;
  }

  /// Nothing but what is meant to stay is in the folder of images.
  bool holds_no_image() const {
    for (const auto& one : fs::directory_iterator{root + "/images"})
      if (one.path().filename() != "names")
        return false;
    return true;
  }

  const scratch_folder scratch;
  const std::string root = fs::canonical(scratch.path()).string();
  std::string treasure;
};

/// A layer of zeros that is a thousand times larger than it looks.
image_layer bomb(std::uint64_t bytes) {
  const auto header = tar_header({.name = "big"}, bytes);
  const scratch_folder folder;
  const auto path = folder.path() + "/bomb";
  std::ofstream{path + ".head", std::ios::binary} << header;
  const auto done = run({.program = "/bin/sh",
                         .arguments = {"-c",
                                       "(cat $1.head; head -c $2 /dev/zero; "
                                       "head -c 1024 /dev/zero) | gzip -1 > $1",
                                       "sh", path, std::to_string(bytes)}});
  BOOST_REQUIRE(done);
  std::ifstream in{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  return {std::move(text), "application/vnd.oci.image.layer.v1.tar+gzip"};
}

} // namespace
} // namespace hostile_images_test

BOOST_AUTO_TEST_SUITE(hostile_images_test,
                      *boost::unit_test::precondition(images_can_be_unpacked))

BOOST_FIXTURE_TEST_CASE(no_layer_writes_beside_the_image, images_fixture) {
  const auto up = std::string{"../../../../../../../../../.."};
  using layers = std::vector<std::vector<layer_entry>>;
  const std::vector<std::pair<const char*, layers>> hostile{
    {"a name with ..", {{{.name = up + treasure + "/a", .content = "x"}}}},
    {"an absolute name", {{{.name = treasure + "/b", .content = "x"}}}},
    {"a link, and then a file through it",
     {{{.kind = '2', .name = "d", .to = treasure},
       {.name = "d/c", .content = "x"}}}},
    {"a link, and in the next layer a file through it",
     {{{.kind = '2', .name = "d", .to = treasure}},
      {{.name = "d/c", .content = "x"}}}},
    {"the root itself as a link",
     {{{.kind = '2', .name = "./", .to = treasure}},
      {{.name = "e", .content = "x"}}}},
    {"a hard link to a file of the host",
     {{{.kind = '1', .name = "h", .to = treasure + "/gold"}}}},
    {"a hard link with ..",
     {{{.kind = '1', .name = "h", .to = up + treasure + "/gold"}}}},
    {"a hard link through a link",
     {{{.kind = '2', .name = "s", .to = treasure},
       {.kind = '1', .name = "h", .to = "s/gold"}}}},
    {"a removal through a link",
     {{{.kind = '2', .name = "d", .to = treasure}, {.name = "d/.wh.gold"}}}},
    {"a removal of all through a link",
     {{{.kind = '2', .name = "d", .to = treasure}},
      {{.name = "d/.wh..wh..opq"}}}},
    {"a removal of the folder above",
     {{{.name = ".wh..."}, {.name = ".wh.."}}}},
    {"a link where the folder of a later file is",
     {{{.kind = '5', .name = "d"}, {.name = "d/c", .content = "x"}},
      {{.kind = '2', .name = "d", .to = treasure},
       {.name = "d/c", .content = "y"}}}}};
  struct stat before = {};
  ::stat((treasure + "/gold").c_str(), &before);
  for (const auto& [what, content] : hostile)
    BOOST_TEST_CONTEXT(what) {
      write(content);
      const auto image = get();
      if (!image)
        BOOST_CHECK(image.error().code == errc::invalid_reservation);
      BOOST_CHECK_EQUAL(treasure_now(), "gold passwd ");
      struct stat now = {};
      ::stat((treasure + "/gold").c_str(), &now);
      BOOST_CHECK_EQUAL(now.st_nlink, before.st_nlink);
      BOOST_CHECK_EQUAL(now.st_uid, before.st_uid);
    }
}

BOOST_FIXTURE_TEST_CASE(the_root_is_a_folder_of_its_own, images_fixture) {
  write({{{.kind = '2', .name = ".", .to = treasure}}});
  const auto image = get();
  BOOST_REQUIRE(!image);
  BOOST_CHECK(image.error().code == errc::invalid_reservation);
  BOOST_CHECK(holds_no_image());
}

BOOST_FIXTURE_TEST_CASE(set_user_bits_are_those_of_users_of_containers,
                        images_fixture) {
  write({{{.name = "su", .content = "x", .mode = 04755}}});
  const auto image = get();
  BOOST_REQUIRE_MESSAGE(image, why(image));
  struct stat facts = {};
  BOOST_REQUIRE_EQUAL(::lstat((image->root + "/su").c_str(), &facts), 0);
  BOOST_CHECK_EQUAL(facts.st_uid, 100000);
  // And nobody but root comes there.
  BOOST_REQUIRE_EQUAL(::stat((root + "/images").c_str(), &facts), 0);
  BOOST_CHECK_EQUAL(facts.st_mode & 0777U, 0700U);
  // A user that containers do not have is none of the host.
  write({{{.name = "su", .content = "x", .mode = 04755, .user = 70000}}});
  BOOST_CHECK(get().error().code == errc::invalid_reservation);
}

BOOST_FIXTURE_TEST_CASE(users_of_the_host_are_not_looked_up, images_fixture) {
  const layer_entry link{.kind = '2', .name = "etc", .to = treasure};
  write({{link}}, R"({"User":"thief"})");
  const auto refused = get();
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  says(refused.error().message, "symbolic link");
  BOOST_CHECK(holds_no_image());
  // Root needs no file to be known.
  write({{link}});
  const auto image = get();
  BOOST_REQUIRE_MESSAGE(image, why(image));
  BOOST_CHECK_EQUAL(image->user, 0);
  BOOST_CHECK(image->more_groups.empty());
  write({{{.kind = '5', .name = "etc"},
          {.name = "etc/passwd", .content = "box:x:7:8::/:/bin/sh\n"}}},
        R"({"User":"box"})");
  BOOST_CHECK_EQUAL(get()->user, 7);
  BOOST_CHECK_EQUAL(get()->group, 8);
}

BOOST_FIXTURE_TEST_CASE(an_image_takes_no_more_room_than_allowed,
                        images_fixture) {
  const auto layer = bomb(512 * mebibyte);
  // Harmless as it is fetched.
  BOOST_REQUIRE_LT(layer.bytes.size(), 8 * mebibyte);
  write_layout(root + "/own/image", {layer});
  auto how = options();
  how.image_bytes_max = 16 * mebibyte;
  const auto refused = get(how);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  says(refused.error().message, "more than 16777216 bytes");
  BOOST_CHECK(holds_no_image());
  // Empty files take room, too.
  std::vector<layer_entry> many;
  for (int i = 0; i < 1000; ++i)
    many.push_back({.name = std::to_string(i)});
  write({many});
  how.image_bytes_max = mebibyte / 4;
  BOOST_CHECK(get(how).error().code == errc::invalid_reservation);
  how.image_bytes_max = mebibyte;
  BOOST_CHECK(get(how));
}

BOOST_FIXTURE_TEST_CASE(what_is_fetched_takes_no_more_room_than_allowed,
                        images_fixture) {
  std::string noise;
  std::ifstream{"/dev/urandom"}.read(
    (noise.resize(8 * mebibyte), noise.data()),
    static_cast<std::streamsize>(8 * mebibyte));
  write_layout(root + "/layout",
               {{tar_of({{.name = "big", .content = noise}})}});
  const auto packed
    = run({.program = options().tools.skopeo,
           .arguments = {"copy", "--quiet", "oci:" + root + "/layout:latest",
                         "oci-archive:" + root + "/own/image.tar:latest"}});
  BOOST_REQUIRE(packed);
  auto how = options();
  how.image_bytes_max = 4 * mebibyte;
  auto images = container_images::open(how);
  BOOST_REQUIRE(images);
  const auto refused = images->get(
    {.from = image_reference::source::oci_archive, .name = "image.tar"});
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  BOOST_CHECK(holds_no_image());
}

BOOST_FIXTURE_TEST_CASE(the_disk_is_not_filled_to_the_brim, images_fixture) {
  write({{{.name = "file", .content = "x"}}});
  auto how = options();
  how.free_bytes_min = ~std::uint64_t{0};
  const auto refused = get(how);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::disk_full);
  BOOST_CHECK(holds_no_image());
}

BOOST_FIXTURE_TEST_CASE(a_configuration_is_not_read_whatever_its_size,
                        images_fixture) {
  write({{{.name = "file"}}},
        "{\"Env\":[\"A=" + std::string(2 * mebibyte, 'x') + "\"]}");
  const auto refused = get();
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  says(refused.error().message, "configuration has 209");
}

BOOST_FIXTURE_TEST_CASE(unused_images_make_room_the_oldest_first,
                        images_fixture) {
  std::set<std::string> used;
  auto how = options();
  how.in_use = [&](const std::string& digest) { return used.contains(digest); };
  how.images_bytes_max = 10 * mebibyte;
  const auto fill = [&](const std::string& name) {
    write({{{.name = name, .content = std::string(4 * mebibyte, 'x')}}}, "{}",
          name);
    return get(how, name);
  };
  const auto first = fill("a");
  const auto second = fill("b");
  BOOST_REQUIRE(first);
  BOOST_REQUIRE(second);
  // Asked for again, so the other is the oldest now.
  BOOST_REQUIRE(get(how, "a"));
  const auto third = fill("c");
  BOOST_REQUIRE_MESSAGE(third, why(third));
  BOOST_CHECK(fs::exists(first->root + "/a"));
  BOOST_CHECK(!fs::exists(second->root));
  BOOST_CHECK(fs::exists(third->root + "/c"));
  used = {first->digest, third->digest};
  const auto refused = fill("d");
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::disk_full);
  BOOST_CHECK(fs::exists(first->root + "/a"));
  used.erase(third->digest);
  BOOST_CHECK(fill("d"));
  BOOST_CHECK(!fs::exists(third->root));
}

BOOST_FIXTURE_TEST_CASE(credentials_that_others_can_read_are_refused,
                        images_fixture) {
  auto how = options();
  how.auth_file = root + "/auth.json";
  BOOST_CHECK(container_images::open(how).error().code
              == errc::invalid_configuration);
  std::ofstream{how.auth_file} << "{}";
  ::chmod(how.auth_file.c_str(), 0640);
  const auto refused = container_images::open(how);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_configuration);
  says(refused.error().message, "mode 0600");
  ::chmod(how.auth_file.c_str(), 0600);
  BOOST_CHECK(container_images::open(how));
}

BOOST_AUTO_TEST_SUITE_END()
