#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>
#include <vector>

#include "daemon/command_line.hpp"

BOOST_AUTO_TEST_SUITE(command_line_test)

namespace {

struct outcome {
  int code = 0;
  std::string out = {};
  std::string err = {};
};

outcome run(std::vector<std::string> words) {
  words.insert(words.begin(), "provisiond");
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  std::ostringstream out;
  std::ostringstream err;
  auto code = provision::command_line(static_cast<int>(argv.size()),
                                      argv.data(), out, err);
  return {code, out.str(), err.str()};
}

} // namespace

BOOST_AUTO_TEST_CASE(help_teaches_with_examples) {
  auto shown = run({"--help"});
  BOOST_CHECK_EQUAL(shown.code, 0);
  BOOST_CHECK(shown.out.find("Examples:") != std::string::npos);
  BOOST_CHECK(shown.out.find("fsck") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_option_is_wrong_usage) {
  auto refused = run({"--no-such-thing"});
  BOOST_CHECK_EQUAL(refused.code, 2);
  BOOST_CHECK(refused.err.find("--no-such-thing") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_node_without_any_source_is_refused_with_the_key_to_set) {
  auto refused = run({"run", "--data-dir", "/tmp/nowhere"});
  BOOST_CHECK_EQUAL(refused.code, 2);
  BOOST_CHECK(refused.err.find("explorer.url") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(probe_tells_of_every_type_in_lines_or_as_json) {
  auto lines = run({"probe", "--data-dir", "/tmp/nowhere"});
  BOOST_CHECK_EQUAL(lines.code, 0);
  auto json = run({"probe", "--json", "--data-dir", "/tmp/nowhere"});
  BOOST_CHECK_EQUAL(json.code, 0);
  for (auto* type : {"volume", "network_resource", "gateway4to6"}) {
    BOOST_CHECK(lines.out.find('\n' + std::string{type} + ' ')
                != std::string::npos);
    BOOST_CHECK(
      json.out.find("{\"type\":\"" + std::string{type} + "\",\"state\":\"")
      != std::string::npos);
  }
  BOOST_CHECK(json.out.starts_with("[{"));
  BOOST_CHECK(json.out.ends_with("}]\n"));
}

BOOST_AUTO_TEST_SUITE_END()
