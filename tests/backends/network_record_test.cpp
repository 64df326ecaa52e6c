#include "backends/host/network_record.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "tests/backends/a_network.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(network_record_test)

namespace {

struct scratch_records {
  scratch_records() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "records-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~scratch_records() { std::filesystem::remove_all(path); }

  std::string path;
};

network_record a_record() {
  const tunnel_keys keys;
  network_record record{
    .user_id = "7",
    .holders = {"104-1", "105-1"},
    .members
    = {{.id = "200-1", .addresses = {address("10.1.2.5"), address("10.1.2.6")}},
       {.id = "201-1"}},
    .resource = a_resource(keys)};
  record.resource.peers
    = {a_peer(tunnel_keys{}.shown, "10.1.3.0/24", "[::1]:5")};
  return record;
}

} // namespace

BOOST_AUTO_TEST_CASE(reads_back_what_it_wrote) {
  const auto record = a_record();
  const auto text = write_record(record);
  BOOST_REQUIRE(read_record(text));
  BOOST_CHECK(read_record(text).value() == record);
}

BOOST_AUTO_TEST_CASE(takes_no_part_of_a_record_for_a_record) {
  const auto text = write_record(a_record());
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    const auto part = read_record(text.substr(0, size));
    BOOST_REQUIRE_MESSAGE(!part, size);
    BOOST_CHECK(part.error().code == errc::storage_corrupt);
  }
  BOOST_CHECK(!read_record("network 2\nend\n"));
  BOOST_CHECK(!read_record("network 1\nsurprise\nend\n"));
}

BOOST_FIXTURE_TEST_CASE(keeps_records_for_the_owner_alone, scratch_records) {
  const auto records = network_records::open(path + "/networks");
  BOOST_REQUIRE(records);
  BOOST_CHECK(!records->find("a").value());
  const auto record = a_record();
  BOOST_CHECK(!records->keep("b", record));
  BOOST_CHECK(!records->keep("a", record));
  BOOST_CHECK(records->find("a").value() == record);
  BOOST_CHECK(records->ids().value() == (std::vector<std::string>{"a", "b"}));
  struct stat facts = {};
  BOOST_REQUIRE_EQUAL(::stat((path + "/networks/a.network").c_str(), &facts),
                      0);
  BOOST_CHECK_EQUAL(facts.st_mode & 07777U, 0600U);
  BOOST_REQUIRE_EQUAL(::stat((path + "/networks").c_str(), &facts), 0);
  BOOST_CHECK_EQUAL(facts.st_mode & 07777U, 0700U);
  BOOST_CHECK(!records->forget("a"));
  BOOST_CHECK(!records->forget("a"));
  BOOST_CHECK(records->ids().value() == std::vector<std::string>{"b"});
}

BOOST_FIXTURE_TEST_CASE(never_reads_damage_as_absence, scratch_records) {
  const auto records = network_records::open(path);
  BOOST_REQUIRE(records);
  std::ofstream{path + "/a.network"} << "network 1\nuser 7\n";
  const auto found = records->find("a");
  BOOST_REQUIRE(!found);
  BOOST_CHECK(found.error().code == errc::storage_corrupt);
  BOOST_CHECK(found.error().message.find(path) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
