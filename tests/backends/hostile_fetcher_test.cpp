#include "backends/host/fetched_layout.hpp"

#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "tests/backends/loopback_registry.hpp"
#include "tests/backends/taken_over_fetcher.hpp"
#include "tests/support/says.hpp"

// The program that fetches images talks to strangers: here it was taken over by
// one of them, and leaves what it should not.

using namespace provision;
using namespace provision::test;

namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(hostile_fetcher_test, taken_over_fixture,
                         *boost::unit_test::precondition(images_can_be_fetched))

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

BOOST_AUTO_TEST_CASE(it_cannot_have_more_processes_than_a_fetch_needs) {
  // The bound is of a user that is nobody else.
  user = powerless_user{"none", 61234, 61234, true};
  const auto image
    = fetch_by(honestly
               + "i=0; while [ $i -lt 3000 ]; do sleep 1000 & i=$((i+1)); echo "
                 "$i >&3; done 2>/dev/null\n");
  const auto text = told();
  BOOST_CHECK(text.find("\n1000\n") != text.npos);
  BOOST_CHECK(text.find("\n1024\n") == text.npos);
  BOOST_CHECK(!image);
  BOOST_CHECK(holds_no_image());
}

BOOST_AUTO_TEST_SUITE_END()
