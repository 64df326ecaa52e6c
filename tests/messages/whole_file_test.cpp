#include "messages/whole_file.hpp"

#include <fstream>

#include <boost/test/unit_test.hpp>

#include "tests/support/scratch_folder.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(whole_file_test)

BOOST_AUTO_TEST_CASE(has_every_byte) {
  const test::scratch_folder folder;
  const auto path = folder.path() + "/file";
  std::string bytes(200'000, 'x');
  bytes[7] = '\0';
  bytes[70'000] = '\n';
  std::ofstream{path, std::ios::binary} << bytes;
  BOOST_CHECK(whole_file(path).value() == bytes);
  std::ofstream{path, std::ios::trunc};
  BOOST_CHECK_EQUAL(whole_file(path).value(), "");
}

BOOST_AUTO_TEST_CASE(says_what_cannot_be_read_and_why) {
  const test::scratch_folder folder;
  const auto is_none = whole_file(folder.path() + "/none");
  BOOST_REQUIRE(!is_none);
  BOOST_CHECK_EQUAL(is_none.error().message, "cannot read " + folder.path()
                                               + "/none: No such file or "
                                                 "directory");
  const auto is_folder = whole_file(folder.path());
  BOOST_REQUIRE(!is_folder);
  BOOST_CHECK(is_folder.error().code == errc::storage_failure);
  BOOST_CHECK_EQUAL(is_folder.error().message,
                    "cannot read " + folder.path() + ": Is a directory");
}

BOOST_AUTO_TEST_SUITE_END()
