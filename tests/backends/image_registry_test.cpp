#include "backends/host/container_images.hpp"

#include <filesystem>
#include <fstream>
#include <mutex>

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/backends/fetching_images.hpp"
#include "tests/backends/loopback_registry.hpp"
#include "tests/backends/process_host.hpp"
#include "tests/backends/scratch_pool.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;

namespace fs = std::filesystem;

namespace image_registry_test {
namespace {

/// Names of images that were unpacked.
int unpacked_in(const std::string& folder) {
  int count = 0;
  for (const auto& one : fs::directory_iterator{folder})
    count += one.path().filename().string().starts_with("sha256-");
  return count;
}

} // namespace
} // namespace image_registry_test

BOOST_AUTO_TEST_SUITE(image_registry_test,
                      *boost::unit_test::precondition(images_can_be_fetched))

BOOST_FIXTURE_TEST_CASE(fetches_by_tag_and_by_digest, fetching_fixture) {
  const loopback_registry registry{root + "/registry"};
  write("first");
  BOOST_REQUIRE_EQUAL(why_not(registry.push(root + "/layout", "box:1")), "");
  auto all = images(registry.address());
  const auto by_tag = all.get(named(registry.address() + "/box:1"));
  BOOST_REQUIRE_MESSAGE(by_tag, why(by_tag));
  BOOST_CHECK_EQUAL(shim::read_small(by_tag->root + "/file"), "first");
  BOOST_REQUIRE_EQUAL(by_tag->arguments.size(), 1u);
  BOOST_CHECK_EQUAL(by_tag->arguments[0], "/file");
  const auto digest = "sha256:" + by_tag->digest.substr(7);
  const auto by_digest = all.get(named(registry.address() + "/box@" + digest));
  BOOST_REQUIRE_MESSAGE(by_digest, why(by_digest));
  BOOST_CHECK_EQUAL(by_digest->root, by_tag->root);
  // A tag that moved: what a node has under it, it keeps; "latest" it asks for.
  write("second");
  for (const auto* tag : {"box:1", "box:latest"})
    BOOST_REQUIRE_EQUAL(why_not(registry.push(root + "/layout", tag)), "");
  BOOST_CHECK_EQUAL(all.get(named(registry.address() + "/box:1"))->digest,
                    by_tag->digest);
  const auto latest = all.get(named(registry.address() + "/box:latest"));
  BOOST_REQUIRE(latest);
  BOOST_CHECK_EQUAL(shim::read_small(latest->root + "/file"), "second");
}

BOOST_FIXTURE_TEST_CASE(what_a_registry_does_not_have_is_the_users_mistake,
                        fetching_fixture) {
  const loopback_registry registry{root + "/registry"};
  write("first");
  BOOST_REQUIRE_EQUAL(why_not(registry.push(root + "/layout", "box:1")), "");
  auto all = images(registry.address());
  const std::string unknown(64, '0');
  for (const auto& name : {std::string{"/box:2"}, std::string{"/other:1"},
                           "/box@sha256:" + unknown}) {
    const auto found = all.get(named(registry.address() + name));
    BOOST_REQUIRE(!found);
    BOOST_CHECK_MESSAGE(found.error().code == errc::invalid_reservation,
                        why(found));
  }
  BOOST_CHECK_EQUAL(unpacked_in(root + "/images"), 0);
}

BOOST_FIXTURE_TEST_CASE(a_registry_that_is_away_is_worth_another_try,
                        fetching_fixture) {
  loopback_registry registry{root + "/registry"};
  write("first");
  BOOST_REQUIRE_EQUAL(why_not(registry.push(root + "/layout", "box:1")), "");
  registry.stop();
  auto all = images(registry.address());
  const auto wanted = named(registry.address() + "/box:1");
  const auto refused = all.get(wanted);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK_MESSAGE(refused.error().code == errc::host_busy, why(refused));
  registry.start_again();
  const auto image = all.get(wanted);
  BOOST_REQUIRE_MESSAGE(image, why(image));
  BOOST_CHECK_EQUAL(shim::read_small(image->root + "/file"), "first");
  // What was fetched once needs no registry any more.
  registry.stop();
  BOOST_CHECK(all.get(wanted));
}

BOOST_FIXTURE_TEST_CASE(a_registry_that_never_ends_its_answer_is_given_up,
                        fetching_fixture) {
  std::atomic<bool> over{false};
  raw_server server{[&](int socket, int) {
    const auto request = read_request(socket);
    if (path_of(request) == "/v2/")
      return write_text(socket, answer("200 OK", "", "{}"));
    write_text(socket, "HTTP/1.1 200 OK\r\nContent-Type: "
                       "application/vnd.oci.image.manifest.v1+json\r\n"
                       "Content-Length: 1000000\r\n\r\n");
    // A byte now and then.
    while (!over && ::send(socket, " ", 1, MSG_NOSIGNAL) == 1)
      ::poll(nullptr, 0, 5);
  }};
  const auto address = "127.0.0.1:" + std::to_string(server.port());
  auto all = images(address, {}, 300ms);
  const auto refused = all.get(named(address + "/box:1"));
  over = true;
  BOOST_REQUIRE(!refused);
  BOOST_CHECK_MESSAGE(refused.error().code == errc::host_busy, why(refused));
  says(refused.error().message, "did not end within 300 ms");
  BOOST_CHECK(processes_with(root).empty());
  BOOST_CHECK(!fs::exists(root + "/images/incoming"));
}

BOOST_FIXTURE_TEST_CASE(what_does_not_have_its_digest_is_not_taken,
                        fetching_fixture) {
  write("honest");
  const auto layout = root + "/layout";
  const auto manifest_of = [&] {
    const auto index = shim::read_small(layout + "/index.json");
    return index.substr(index.find("sha256:") + 7, 64);
  }();
  const auto blob = [&](const std::string& digest) {
    return shim::read_small(layout + "/blobs/sha256/" + digest);
  };
  const auto manifest = blob(manifest_of);
  // What of the image is not what it should be.
  enum class lie { manifest, layer };
  for (const auto told : {lie::manifest, lie::layer}) {
    raw_server server{[&](int socket, int) {
      const auto path = path_of(read_request(socket));
      constexpr auto type
        = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";
      if (path == "/v2/")
        return write_text(socket, answer("200 OK", "", "{}"));
      if (path.find("/manifests/") != std::string::npos)
        return write_text(
          socket, answer("200 OK", type,
                         told == lie::manifest ? manifest + " " : manifest));
      auto bytes = blob(path.substr(path.rfind(':') + 1));
      if (const auto at = bytes.find("honest"); at != std::string::npos)
        bytes.replace(at, 6, "stolen");
      write_text(socket, answer("200 OK", "", bytes));
    }};
    const auto address = "127.0.0.1:" + std::to_string(server.port());
    auto all = images(address);
    const auto refused = all.get(named(address + "/box@sha256:" + manifest_of));
    BOOST_REQUIRE(!refused);
    says(refused.error().message, "igest");
    BOOST_CHECK_EQUAL(unpacked_in(root + "/images"), 0);
  }
}

BOOST_FIXTURE_TEST_CASE(credentials_are_shown_to_the_registry_alone,
                        fetching_fixture) {
  std::mutex mutex;
  std::string asked;
  bool seen_in_a_command_line = false;
  raw_server server{[&](int socket, int) {
    const auto request = read_request(socket);
    const std::lock_guard lock{mutex};
    asked += request;
    seen_in_a_command_line
      = seen_in_a_command_line || !processes_with("open-sesame").empty()
        || !processes_with("dXNlcjpvcGVuLXNlc2FtZQ==").empty();
    if (request.find("Authorization: Basic") == std::string::npos)
      return write_text(
        socket, answer("401 Unauthorized",
                       "WWW-Authenticate: Basic realm=\"box\"\r\n", ""));
    write_text(socket, answer("404 Not Found", "", "{}"));
  }};
  const auto address = "127.0.0.1:" + std::to_string(server.port());
  const auto auth = root + "/auth.json";
  // "user:open-sesame".
  std::ofstream{auth} << "{\"auths\":{\"" << address
                      << R"(":{"auth":"dXNlcjpvcGVuLXNlc2FtZQ=="}}})";
  ::chmod(auth.c_str(), 0600);
  auto stranger = images(address);
  const auto refused = stranger.get(named(address + "/box:1"));
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  {
    const std::lock_guard lock{mutex};
    BOOST_CHECK_EQUAL(asked.find("dXNlcjp"), std::string::npos);
  }
  auto known = images(address, auth);
  const auto missing = known.get(named(address + "/box:1"));
  BOOST_REQUIRE(!missing);
  const std::lock_guard lock{mutex};
  says(asked, "Authorization: Basic dXNlcjpvcGVuLXNlc2FtZQ==");
  BOOST_CHECK(!seen_in_a_command_line);
  BOOST_CHECK_EQUAL(missing.error().message.find("sesame"), std::string::npos);
  BOOST_CHECK_EQUAL(missing.error().message.find("dXNlcjp"), std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
