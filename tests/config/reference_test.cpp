#include "config/reference.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include <boost/test/unit_test.hpp>

#include "config/key_table.hpp"
#include "config/node_config.hpp"

using namespace provision::config;

BOOST_AUTO_TEST_SUITE(reference_test)

namespace {

/// Compares `path` with `made`. With REGENERATE=1 in the environment it writes
/// the file instead.
void check_file(const std::string& path, const std::string& made) {
  const char* wish = std::getenv("REGENERATE");
  if (wish != nullptr && std::string_view{wish} == "1") {
    std::ofstream file{path, std::ios::binary};
    file << made << std::flush;
    BOOST_CHECK(file.good());
    return;
  }
  std::ifstream file{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto& program
    = boost::unit_test::framework::master_test_suite().argv[0];
  BOOST_CHECK_MESSAGE(text == made,
                      path << " differs from the table of keys; write it anew "
                              "from the root of the sources with: REGENERATE=1 "
                           << program << " --run_test=reference_test");
}

} // namespace

BOOST_AUTO_TEST_CASE(the_documentation_agrees_with_the_table_of_keys) {
  check_file("docs/configuration.md", reference());
}

BOOST_AUTO_TEST_CASE(the_example_file_agrees_with_the_table_of_keys) {
  check_file("config/example.conf", example());
}

BOOST_AUTO_TEST_CASE(the_example_parses_to_the_defaults) {
  const auto parsed = parse(example(), "example.conf");
  BOOST_REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
  const node_config defaults;
  for (const auto& row : key_table())
    BOOST_CHECK_EQUAL(row.show(*parsed), row.show(defaults));
}

BOOST_AUTO_TEST_CASE(settings_that_were_written_are_read_back) {
  node_config settings;
  settings.node.data_dir = "/a \"quoted\" \\ folder";
  settings.explorer.url = "http://127.0.0.1:1";
  settings.engine.deadlines["volume"].provision = std::chrono::seconds{7};
  settings.volumes.technique = "ext4-image";
  settings.provisioners.isolate = {"volume"};
  const auto again = parse(write(settings), "written");
  BOOST_REQUIRE_MESSAGE(again, (again ? "" : again.error().message));
  for (const auto& row : key_table())
    BOOST_CHECK_EQUAL(row.show(*again), row.show(settings));
}

BOOST_AUTO_TEST_CASE(every_default_keeps_its_own_rule) {
  const node_config defaults;
  for (const auto& row : key_table())
    BOOST_CHECK_MESSAGE(row.complaint(defaults).empty(), row.key);
}

BOOST_AUTO_TEST_CASE(describes_every_key_once) {
  std::set<std::string> seen;
  for (const auto& key : describe()) {
    BOOST_CHECK_MESSAGE(seen.insert(key.key).second, key.key);
    BOOST_CHECK(!key.unit.empty() && !key.text.empty() && !key.allowed.empty()
                && !key.default_value.empty());
  }
  BOOST_CHECK_EQUAL(seen.size(), key_table().size());
}

BOOST_AUTO_TEST_CASE(every_key_writes_a_member_of_its_own) {
  // Two rows that shared a member by mistake would show each other's value.
  for (const auto& row : key_table()) {
    std::size_t changed = 0;
    node_config settings;
    const node_config defaults;
    for (const auto* text :
         {"2s", "2h", "1MiB", "2GiB", "3GiB", "off", "json", "btrfs",
          "/elsewhere", "http://x", "127.0.0.1:1", "anywhere", "192.0.2.1",
          "on", "2001:db8::/64", "2001:db8::1", "hdd"})
      if (row.show(settings) == row.show(defaults))
        row.set(settings, {.what = raw_value::kind::text, .text = text});
    if (row.show(settings) == row.show(defaults))
      row.set(settings, {.what = raw_value::kind::integer, .integer = 77});
    for (const auto* text : {"volume", "a.example", "/bin/true"})
      if (row.show(settings) == row.show(defaults))
        row.set(settings, {.what = raw_value::kind::texts, .texts = {text}});
    for (const auto& other : key_table())
      changed += other.show(settings) != other.show(defaults) ? 1 : 0;
    BOOST_CHECK_MESSAGE(changed == 1, row.key << " changed " << changed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
