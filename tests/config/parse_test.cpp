#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "config/node_config.hpp"

using namespace provision;
using namespace provision::config;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(parse_test)

namespace {

/// The message with which `toml` is refused; the test fails if it is taken.
std::string refusal(std::string_view toml) {
  const auto parsed = parse(toml, "node.toml");
  BOOST_REQUIRE(!parsed);
  BOOST_CHECK(parsed.error().code == errc::invalid_configuration);
  return parsed.error().message;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A fresh folder that is removed at the end.
struct fresh_folder {
  fresh_folder() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "config-XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~fresh_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  fresh_folder(const fresh_folder&) = delete;
  fresh_folder& operator=(const fresh_folder&) = delete;

  std::filesystem::path path;
};

} // namespace

BOOST_AUTO_TEST_CASE(takes_the_defaults_from_an_empty_file) {
  const auto parsed = parse("", "node.toml");
  BOOST_REQUIRE(parsed);
  BOOST_CHECK_EQUAL(parsed->node.data_dir, "/var/lib/provisiond");
  BOOST_CHECK(parsed->explorer.poll_interval == 10s);
  BOOST_CHECK_EQUAL(parsed->engine.deaths_max, 3U);
}

BOOST_AUTO_TEST_CASE(reads_every_form_into_its_own_unit) {
  const auto parsed = parse(R"(
[explorer]
url = "https://explorer.example/explorer"
poll_interval = "250ms"
reconcile_interval = "6h"
response_bytes_max = "1MiB"
connections = 4
signatures = "enforce"
[capacity]
mru = "16GiB"
sru = "2TiB"
[volumes]
technique = "ext4-image"
[log]
level = "warning"
format = "json"
)",
                            "node.toml");
  BOOST_REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
  BOOST_CHECK_EQUAL(parsed->explorer.url, "https://explorer.example/explorer");
  BOOST_CHECK(parsed->explorer.poll_interval == 250ms);
  BOOST_CHECK(parsed->explorer.reconcile_interval == 6h);
  BOOST_CHECK_EQUAL(parsed->explorer.response_bytes_max, 1048576U);
  BOOST_CHECK_EQUAL(parsed->explorer.connections, 4U);
  BOOST_CHECK(parsed->explorer.signatures == signature_policy::enforce);
  BOOST_CHECK_EQUAL(parsed->capacity.mru, 16U);
  BOOST_CHECK_EQUAL(parsed->capacity.sru, 2048U);
  BOOST_CHECK_EQUAL(parsed->volumes.technique, "ext4-image");
  BOOST_CHECK(parsed->log.level == log_level::warning);
  BOOST_CHECK(parsed->log.format == log_format::json);
}

BOOST_AUTO_TEST_CASE(names_file_line_column_key_fault_and_remedy) {
  BOOST_CHECK_EQUAL(refusal("[explorer]\nconnections = 0\n"),
                    "node.toml:2:15: explorer.connections: 0 is too small "
                    "(allowed: 1 to 1024)");
  BOOST_CHECK_EQUAL(refusal("[log]\n\n  level = \"loud\"\n"),
                    "node.toml:3:11: log.level: \"loud\" is not a choice "
                    "(allowed: one of \"debug\", \"info\", \"warning\", "
                    "\"error\", \"off\")");
}

BOOST_AUTO_TEST_CASE(refuses_a_plain_number_where_a_unit_is_due) {
  const auto duration = refusal("[explorer]\npoll_interval = 10\n");
  BOOST_CHECK(contains(duration, "explorer.poll_interval: 10 has no unit"));
  BOOST_CHECK(contains(duration, "as in \"250ms\""));
  const auto size = refusal("[capacity]\nmru = 16\n");
  BOOST_CHECK(contains(size, "capacity.mru: 16 has no unit"));
  BOOST_CHECK(contains(size, "as in \"64MiB\""));
}

BOOST_AUTO_TEST_CASE(refuses_values_out_of_range) {
  for (const auto* toml :
       {"[explorer]\npoll_interval = \"1ms\"", "[explorer]\nconnections = -1",
        "[explorer]\nconnections = 9223372036854775807",
        "[explorer]\nresponse_bytes_max = \"1TiB\"",
        "[explorer]\nreconcile_interval = \"1500ms\"",
        "[engine]\ndeaths_max = 4294967299", "[engine]\nqueue_max = 0",
        "[capacity]\nmru = \"512MiB\"", "[capacity]\nsru = \"1025TiB\""})
    BOOST_CHECK_MESSAGE(contains(refusal(toml), "allowed: "), toml);
}

BOOST_AUTO_TEST_CASE(refuses_values_of_another_type) {
  BOOST_CHECK(contains(refusal("[node]\ndata_dir = 5"), "found an integer"));
  BOOST_CHECK(contains(refusal("[node]\ndata_dir = [\"/a\"]"), "found a list"));
  BOOST_CHECK(contains(refusal("[log]\nlevel = true"), "found true or false"));
  BOOST_CHECK(contains(refusal("[engine]\nqueue_max = 1.5"),
                       "found a number with a fraction"));
  BOOST_CHECK(contains(refusal("[engine]\nqueue_max = \"1\""), "found a text"));
  BOOST_CHECK(contains(refusal("[explorer]\npoll_interval = 07:32:00"),
                       "found a date or time"));
  BOOST_CHECK(contains(refusal("[node.data_dir]\nx = 1"), "found a table"));
}

BOOST_AUTO_TEST_CASE(suggests_the_key_that_was_meant) {
  BOOST_CHECK_EQUAL(refusal("[explorer]\npoll_intervall = \"1s\"\n"),
                    "node.toml:2:1: explorer.poll_intervall: unknown key; did "
                    "you mean explorer.poll_interval?");
  BOOST_CHECK(
    contains(refusal("url = \"http://x\""), "did you mean explorer.url?"));
  BOOST_CHECK(contains(refusal("[explorr]\nurl = \"http://x\""),
                       "explorr: unknown section; did you mean explorer?"));
  BOOST_CHECK_EQUAL(refusal("[explorer]\ncolour = 1\n"),
                    "node.toml:2:1: explorer.colour: unknown key");
}

BOOST_AUTO_TEST_CASE(refuses_a_section_that_is_written_as_a_value) {
  BOOST_CHECK(
    contains(refusal("explorer = \"http://x\""), "explorer: is a section"));
  BOOST_CHECK(contains(refusal("[[explorer]]\nurl = \"http://x\""),
                       "explorer: is a section"));
}

BOOST_AUTO_TEST_CASE(reports_the_first_fault_by_line_and_counts_the_others) {
  const auto text = refusal("[log]\nlevel = 1\n[engine]\nqueue_max = 0\n"
                            "[explorer]\nconnections = 0\n");
  BOOST_CHECK(text.starts_with("node.toml:2:9: log.level: "));
  BOOST_CHECK(text.ends_with("; and 2 more"));
}

BOOST_AUTO_TEST_CASE(says_where_a_text_is_not_toml) {
  BOOST_CHECK(refusal("[explorer\n").starts_with("node.toml:1:"));
  BOOST_CHECK(contains(refusal("a = \n"), "not valid TOML"));
  BOOST_CHECK(
    contains(refusal("[log]\nlevel=\"off\"\nlevel=\"off\""), "node.toml:3:"));
  BOOST_CHECK(contains(refusal(std::string_view{"\xff\xfe", 2}), "not valid"));
}

BOOST_AUTO_TEST_CASE(refuses_a_section_whose_name_begins_with_a_mark) {
  // The library asserted here, and the program ended.
  BOOST_CHECK(contains(refusal("\n[~log]\n"), "node.toml:2:"));
  BOOST_CHECK(contains(refusal("[[=]]\n"), "node.toml:1:"));
}

BOOST_AUTO_TEST_CASE(refuses_letters_with_accents_outside_of_texts) {
  for (const auto* text : {"[log\xcd\x88 ]", "[log]\nlevel\xc3\xa9 = 1",
                           "[log]\nlevel = \"off\" \xc3\xa9"})
    BOOST_CHECK(contains(refusal(text), "not valid TOML"));
}

BOOST_AUTO_TEST_CASE(never_repeats_a_url_that_carries_a_password) {
  const auto text = refusal("[explorer]\nurl = \"http://me:hunter2@x/\"");
  BOOST_CHECK(contains(text, "explorer.url: it carries a user name"));
  BOOST_CHECK(!contains(text, "hunter2"));
}

BOOST_AUTO_TEST_CASE(refuses_urls_without_scheme_or_host) {
  for (const auto* url : {"explorer.example", "ftp://x", "http://", "http:///a",
                          "https://:80", "http://x y", "http://x\\ny"})
    BOOST_CHECK(
      contains(refusal("[explorer]\nurl = \"" + std::string{url} + "\""),
               "node.toml:2:7: explorer.url: it "));
}

BOOST_AUTO_TEST_CASE(loads_a_file_and_names_it_in_errors) {
  const fresh_folder folder;
  const auto path = (folder.path / "provisiond.toml").string();
  std::ofstream{path} << "[explorer]\nurl = \"http://localhost:8080\"\n";
  const auto loaded = load(path);
  BOOST_REQUIRE(loaded);
  BOOST_CHECK_EQUAL(loaded->explorer.url, "http://localhost:8080");

  std::ofstream{path} << "[explorer]\nurl = 1\n";
  const auto refused = load(path);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().message.starts_with(path + ":2:7: "));
}

BOOST_AUTO_TEST_CASE(says_why_a_file_cannot_be_loaded) {
  const fresh_folder folder;
  const auto missing = load((folder.path / "none.toml").string());
  BOOST_REQUIRE(!missing);
  BOOST_CHECK(missing.error().code == errc::invalid_configuration);
  BOOST_CHECK_EQUAL(missing.error().detail, ENOENT);

  const auto directory = load(folder.path.string());
  BOOST_REQUIRE(!directory);
  BOOST_CHECK(contains(directory.error().message, "cannot be read: Is a dir"));

  const auto large = (folder.path / "large").string();
  std::ofstream{large} << std::string(2U << 20U, '#');
  const auto refused = load(large);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(contains(refused.error().message, "larger than 1MiB"));
}

BOOST_AUTO_TEST_CASE(reads_a_list_of_words_and_refuses_what_is_none) {
  const auto read = [](const std::string& list) {
    return "[provisioners]\nisolate = " + list + "\n";
  };
  BOOST_CHECK(parse(read("[]"), "x")->provisioners.isolate.empty());
  const auto one = parse(read("[\"volume\"]"), "x");
  BOOST_CHECK(one && one->provisioners.isolate.at(0) == "volume");
  BOOST_CHECK(contains(refusal(read("[\"volumes\"]")),
                       "\"volumes\" is not a choice (allowed: any of "
                       "\"volume\", \"zdb\""));
  BOOST_CHECK(contains(refusal(read("[\"debug\"]")),
                       "it hands on the daemon's own log, from inside it; "
                       "leave it out"));
  BOOST_CHECK(contains(refusal(read("[\"volume\", \"volume\"]")),
                       "\"volume\" stands there twice"));
  BOOST_CHECK(contains(refusal(read("\"volume\"")), "found a text"));
  BOOST_CHECK(contains(refusal(read("[1]")), "found a list"));
  BOOST_CHECK(contains(refusal(read("[\"volume\", 1]")), "found a list"));
}

BOOST_AUTO_TEST_SUITE_END()
