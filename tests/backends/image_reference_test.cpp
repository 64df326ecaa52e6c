#include "backends/host/image_reference.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(image_reference_test)

namespace {

using source = image_reference::source;

void refused(const std::string& text, const std::string& why) {
  BOOST_TEST_CONTEXT(text) {
    const auto parsed = parse_image_reference(text);
    BOOST_REQUIRE(!parsed);
    BOOST_CHECK(parsed.error().code == errc::invalid_reservation);
    BOOST_TEST_INFO(parsed.error().message);
    BOOST_CHECK(parsed.error().message.find(why) != std::string::npos);
  }
}

void taken(const std::string& text, const image_reference& as) {
  BOOST_TEST_CONTEXT(text) {
    const auto parsed = parse_image_reference(text);
    BOOST_REQUIRE(parsed);
    BOOST_CHECK(*parsed == as);
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(takes_images_of_registries) {
  taken("docker://quay.io/a/b:1.2",
        {.from = source::registry, .name = "quay.io/a/b:1.2"});
  taken("alpine", {.from = source::registry, .name = "alpine"});
  taken("localhost:5000/a@sha256:00ff",
        {.from = source::registry, .name = "localhost:5000/a@sha256:00ff"});
}

BOOST_AUTO_TEST_CASE(takes_images_of_the_node) {
  taken("oci:box", {.from = source::layout, .name = "box", .tag = "latest"});
  taken("oci:box:1.0", {.from = source::layout, .name = "box", .tag = "1.0"});
  taken("docker-archive:box.tar",
        {.from = source::docker_archive, .name = "box.tar"});
  taken("oci-archive:box.tar",
        {.from = source::oci_archive, .name = "box.tar"});
}

BOOST_AUTO_TEST_CASE(says_of_a_file_list_that_it_cannot_be_mounted) {
  for (const auto* text :
       {"https://hub.grid.tf/tf-official-apps/ubuntu.flist",
        "http://hub.grid.tf/x", "hub.grid.tf/a/b.flist", "zdb://hub:9900"})
    refused(text, "is a file list, which this node cannot mount");
}

BOOST_AUTO_TEST_CASE(reaches_no_path_of_the_host) {
  for (const auto* text : {"oci:/etc", "oci:..", "oci:../x", "oci:a/b",
                           "oci:", "oci:a:", "oci:a:b/c",
                           "docker-archive:/etc/shadow", "oci-archive:../../x"})
    refused(text, "does not name an image of this node");
}

BOOST_AUTO_TEST_CASE(makes_no_option_of_a_program) {
  for (const auto* text :
       {"", "--help", "docker://--help", "/etc/passwd", "dir:/etc", "a b",
        "docker://", "docker:///x", "$(x)", "a//b"})
    refused(text, "is no reference of an OCI image");
}

BOOST_AUTO_TEST_SUITE_END()
