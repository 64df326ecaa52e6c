#include "backends/host/machine_image.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(machine_image_test)

namespace {

struct fixture {
  fixture() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "image-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
  }
  ~fixture() { std::filesystem::remove_all(folder); }

  void put(const std::string& name, const std::string& text) const {
    std::ofstream{folder + '/' + name} << text;
  }

  std::string folder;
};

const network_terms terms{
  .address = "10.1.2.5/23", .gateway = "10.1.2.1", .mtu = 1420};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_kernel_is_enough, fixture) {
  put("kernel", "k");
  const auto image = open_machine_image(folder);
  BOOST_REQUIRE(image);
  BOOST_CHECK_EQUAL(image->kernel, folder + "/kernel");
  BOOST_CHECK_EQUAL(image->initrd, "");
  BOOST_CHECK_EQUAL(image->disk, "");
  BOOST_CHECK_EQUAL(kernel_arguments(*image, terms, "1-1"), "");
}

BOOST_FIXTURE_TEST_CASE(without_a_kernel_there_is_no_image, fixture) {
  const auto image = open_machine_image(folder);
  BOOST_REQUIRE(!image);
  BOOST_CHECK(image.error().code == errc::invalid_configuration);
  BOOST_CHECK(image.error().message.find(folder + "/kernel") == 0);
}

BOOST_FIXTURE_TEST_CASE(puts_the_machines_own_into_the_line, fixture) {
  put("kernel", "k");
  put("initrd", "i");
  put("disk", "d");
  put("command_line",
      "quiet ip={address}::{gateway}:{netmask}:{hostname} again={address}\n");
  const auto image = open_machine_image(folder);
  BOOST_REQUIRE(image);
  BOOST_CHECK_EQUAL(image->initrd, folder + "/initrd");
  BOOST_CHECK_EQUAL(image->disk, folder + "/disk");
  BOOST_CHECK_EQUAL(
    kernel_arguments(*image, terms, "1-1"),
    "quiet ip=10.1.2.5::10.1.2.1:255.255.254.0:1-1 again=10.1.2.5");
}

BOOST_FIXTURE_TEST_CASE(the_line_is_one, fixture) {
  put("kernel", "k");
  put("command_line", "quiet\nverbose\n");
  const auto image = open_machine_image(folder);
  BOOST_REQUIRE(!image);
  BOOST_CHECK(image.error().code == errc::invalid_configuration);
}

BOOST_AUTO_TEST_SUITE_END()
